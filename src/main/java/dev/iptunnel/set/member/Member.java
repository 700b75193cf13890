package dev.iptunnel.set.member;

import dev.iptunnel.tunnel.IpPrefix;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * A node of a set.
 *
 * @param outer the address that its tunnels use; empty if the template says where it comes from, and for a node that is
 *     leaving
 * @param podNetworks of the Node; empty if it is gone
 * @param networks behind the node, as the set says
 * @param hub whether the set's hub selector selects it
 * @param ready whether the Node's condition Ready is True
 */
public record Member(
        String name,
        Standing standing,
        Optional<InetAddress> outer,
        List<IpPrefix> podNetworks,
        List<IpPrefix> networks,
        boolean hub,
        boolean controlPlane,
        boolean ready) {

    public Member {
        podNetworks = List.copyOf(podNetworks);
        networks = List.copyOf(networks);
    }

    /** How a node belongs to the set. */
    public enum Standing {
        /** It is selected and has what it needs. */
        SELECTED,
        /** It is not selected any more, or has no fit address any more; its tunnels stay as they are for a while. */
        LEAVING,
        /** Its Node object is gone; its tunnels stay as they are for a while. */
        GONE
    }

    /** Whether tunnels are made and changed for it. One that leaves only keeps what it has. */
    public boolean isSelected() {
        return standing == Standing.SELECTED;
    }
}
