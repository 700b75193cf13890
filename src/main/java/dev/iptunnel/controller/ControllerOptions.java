package dev.iptunnel.controller;

import java.net.InetSocketAddress;

/**
 * The settings with which the controller starts.
 *
 * @param namespace where its Lease, the inner addresses and the revisions are, and where the agents' Leases are
 * @param identity of this process, unique
 * @param httpAddress where metrics and health are served
 */
public record ControllerOptions(String namespace, String identity, InetSocketAddress httpAddress) {}
