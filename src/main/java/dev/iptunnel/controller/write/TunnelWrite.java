package dev.iptunnel.controller.write;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** A change of one IpTunnel. */
public sealed interface TunnelWrite {
    /** The name of the IpTunnel. */
    String name();

    /** The node that holds it. */
    String node();

    /** Creates it, or makes what the set says of it so. */
    record Apply(String name, String node, ObjectNode object) implements TunnelWrite {}

    /** Deletes it, unless it is another object by now, or has changed. */
    record Delete(String name, String node, String uid, String resourceVersion) implements TunnelWrite {}
}
