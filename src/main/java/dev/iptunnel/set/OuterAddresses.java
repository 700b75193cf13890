package dev.iptunnel.set;

import dev.iptunnel.tunnel.IpPrefix;
import java.util.List;

/**
 * Which address of a Node its tunnels use.
 *
 * @param type the type in {@code status.addresses} of the Node
 * @param networks the address must be in one of them; empty: any address
 */
public record OuterAddresses(Type type, List<IpPrefix> networks) {
    public OuterAddresses {
        networks = List.copyOf(networks);
    }

    /** The types that a set can ask for, by their names in Kubernetes. */
    public enum Type {
        INTERNAL_IP("InternalIP"),
        EXTERNAL_IP("ExternalIP");

        private final String text;

        Type(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
