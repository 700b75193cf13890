package dev.iptunnel.diagnosis;

import java.net.InetAddress;
import java.util.Optional;

/**
 * The local address of a tunnel on the node.
 *
 * @param present whether the node has it; true if local is any
 * @param device the interface that has it
 * @param tentative whether duplicate address detection (RFC 4862) still runs
 * @param duplicate whether it found another holder
 * @param chosen the source that the kernel would choose for packets to the remote
 */
public record LocalFacts(
        boolean present, Optional<String> device, boolean tentative, boolean duplicate, Optional<InetAddress> chosen) {}
