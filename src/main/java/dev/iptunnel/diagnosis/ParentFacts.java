package dev.iptunnel.diagnosis;

import dev.iptunnel.observation.ObservedLink;
import java.util.Optional;

/**
 * The interface that a tunnel is bound to, or if it is bound to none, the one by which its outer packets leave.
 *
 * @param bound whether the tunnel names it
 * @param name of the interface, or its ifindex if it is gone
 * @param link empty if it is gone, or in another network namespace
 * @param elsewhere whether it is in another network namespace
 * @param ipv6Disabled {@code disable_ipv6}
 */
public record ParentFacts(
        boolean bound, String name, Optional<ObservedLink> link, boolean elsewhere, boolean ipv6Disabled) {}
