package dev.iptunnel.tunnel;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * One change to the kernel; prints as the ip(8) command of the same effect. An operation on an interface that is there
 * already holds its ifindex and takes effect on no other; one on an interface that the same plan adds holds none.
 */
public sealed interface Operation {
    /** The interface's name. */
    String name();

    /** {@code SIOCADDTUNNEL}; the name is free. */
    record AddTunnel(String name, TunnelParameters parameters, Optional<String> parent) implements Operation {
        @Override
        public String toString() {
            return IpTunnelCommand.text("add", name, parameters, parent);
        }
    }

    /** {@code SIOCCHGTUNNEL}: replaces all of the driver's parameters; ifindex, state, addresses and alias stay. */
    record ChangeTunnel(int index, String name, TunnelParameters parameters, Optional<String> parent)
            implements Operation {
        @Override
        public String toString() {
            return IpTunnelCommand.text("change", name, parameters, parent);
        }
    }

    /**
     * {@code SIOCDELTUNNEL}, after a last look that the interface still has this ifindex, driver and alias.
     *
     * @param alias what makes the tunnel ours
     */
    record DeleteTunnel(int index, String name, TunnelDriver driver, String alias) implements Operation {
        @Override
        public String toString() {
            return IpTunnelCommand.of(driver) + " del " + name;
        }
    }

    /** {@code RTM_SETLINK}: all that is present, in one message. */
    record SetLink(OptionalInt index, String name, Optional<String> alias, OptionalInt mtu, Optional<Boolean> up)
            implements Operation {
        @Override
        public String toString() {
            StringBuilder text = new StringBuilder("ip link set dev ").append(name);
            alias.ifPresent(value -> text.append(" alias '").append(value).append('\''));
            mtu.ifPresent(value -> text.append(" mtu ").append(value));
            up.ifPresent(value -> text.append(value ? " up" : " down"));
            return text.toString();
        }
    }

    /** {@code RTM_NEWADDR}, with our protocol number. */
    record AddAddress(OptionalInt index, String name, IpPrefix address) implements Operation {
        @Override
        public String toString() {
            return "ip address add " + address + " dev " + name;
        }
    }

    /** {@code RTM_DELADDR} of an address that carries our protocol number. */
    record DeleteAddress(int index, String name, IpPrefix address) implements Operation {
        @Override
        public String toString() {
            return "ip address del " + address + " dev " + name;
        }
    }
}
