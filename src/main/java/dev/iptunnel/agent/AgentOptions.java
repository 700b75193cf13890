package dev.iptunnel.agent;

import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * What the agent is told when it starts.
 *
 * @param httpAddress where metrics and health are served
 * @param resync how often every tunnel is compared with the kernel without an event; some changes give none
 */
public record AgentOptions(String nodeName, InetSocketAddress httpAddress, Duration resync) {}
