package dev.iptunnel.plan;

import dev.iptunnel.observation.ConnectedRoute;
import dev.iptunnel.observation.Inet6Setting;
import dev.iptunnel.observation.Master;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.observation.RouteDetails;
import dev.iptunnel.tunnel.BirthGroup;
import dev.iptunnel.tunnel.InnerAddress;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.TunnelDriver;
import dev.iptunnel.tunnel.TunnelParameters;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One change to the kernel; prints as the command of the same effect, of ip(8) where it has one. An operation on an
 * interface that is there already holds its ifindex and takes effect on no other; one on an interface that the same plan
 * adds holds none.
 */
public sealed interface Operation {
    /** The interface's name. */
    String name();

    /**
     * {@code RTM_NEWLINK} with {@code NLM_F_EXCL}; the name is free.
     *
     * @param birthGroup see {@link BirthGroup}; the text leaves it out, for it is gone when the tunnel is marked
     */
    record AddTunnel(String name, TunnelParameters parameters, Optional<String> parent, int birthGroup)
            implements Operation {
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
        /** Of a tunnel that is there; empty for any other interface. */
        public static Optional<Operation> of(ObservedLink link) {
            return link.tunnel()
                    .map(tunnel -> new DeleteTunnel(link.index(), link.name(), tunnel.driver(), link.alias()));
        }

        @Override
        public String toString() {
            return IpTunnelCommand.of(driver) + " del " + name;
        }
    }

    /**
     * {@code RTM_SETLINK}: all that is present, in one message.
     *
     * @param endsBirth also ends what {@link AddTunnel#birthGroup} began; the text leaves it out
     */
    record SetLink(
            OptionalInt index,
            String name,
            Optional<String> alias,
            OptionalInt mtu,
            Optional<Boolean> up,
            boolean endsBirth)
            implements Operation {
        /** Of an interface that keeps its group. */
        public SetLink(OptionalInt index, String name, Optional<String> alias, OptionalInt mtu, Optional<Boolean> up) {
            this(index, name, alias, mtu, up, false);
        }

        /** Sets the alias of an existing interface. */
        public static SetLink alias(ObservedLink link, String alias) {
            return of(link, Optional.of(alias), OptionalInt.empty(), Optional.empty());
        }

        /** Sets the MTU of an existing interface. */
        public static SetLink mtu(ObservedLink link, int mtu) {
            return of(link, Optional.empty(), OptionalInt.of(mtu), Optional.empty());
        }

        /** Takes an existing interface down. */
        public static SetLink down(ObservedLink link) {
            return of(link, Optional.empty(), OptionalInt.empty(), Optional.of(false));
        }

        private static SetLink of(ObservedLink link, Optional<String> alias, OptionalInt mtu, Optional<Boolean> up) {
            return new SetLink(OptionalInt.of(link.index()), link.name(), alias, mtu, up);
        }

        @Override
        public String toString() {
            StringBuilder text = new StringBuilder("ip link set dev ").append(name);
            alias.ifPresent(value -> text.append(" alias '").append(value).append('\''));
            mtu.ifPresent(value -> text.append(" mtu ").append(value));
            up.ifPresent(value -> text.append(value ? " up" : " down"));
            return text.toString();
        }
    }

    /** {@code RTM_SETLINK} with {@code IFLA_MASTER}. */
    record SetMaster(OptionalInt index, String name, Master master) implements Operation {
        @Override
        public String toString() {
            return "ip link set dev " + name + " master " + master.name();
        }
    }

    /** {@code RTM_SETLINK}; before Linux 6.2 the interface has to be down. */
    record RenameLink(int index, String name, String newName) implements Operation {
        @Override
        public String toString() {
            return "ip link set dev " + name + " name " + newName;
        }
    }

    /** {@code RTM_DELLINKPROP}: the name is free afterwards. */
    record DeleteAlternativeName(int index, String name, String alternativeName) implements Operation {
        @Override
        public String toString() {
            return "ip link property del dev " + name + " altname " + alternativeName;
        }
    }

    /** {@code RTM_SETLINK} with {@code IFLA_INET_CONF}: a setting below {@code net.ipv4.conf.INTERFACE}. */
    record SetInetConf(OptionalInt index, String name, InetSetting setting, int value) implements Operation {
        @Override
        public String toString() {
            return "sysctl -w net.ipv4.conf." + name + "." + setting + "=" + value;
        }
    }

    /**
     * A write of 0 to a setting below {@code net.ipv6.conf.INTERFACE}, which rtnetlink only reads. Of an interface that has
     * another ifindex by now nothing is written.
     */
    record ClearInet6Conf(OptionalInt index, String name, Inet6Setting setting) implements Operation {
        @Override
        public String toString() {
            return "sysctl -w net.ipv6.conf." + name + "." + setting + "=0";
        }
    }

    /** {@code RTM_NEWADDR}, with our protocol number. */
    record AddAddress(OptionalInt index, String name, InnerAddress address) implements Operation {
        @Override
        public String toString() {
            return "ip address add " + address + " dev " + name;
        }
    }

    /** {@code RTM_DELADDR} of an address that carries our protocol number. */
    record DeleteAddress(int index, String name, InnerAddress address) implements Operation {
        @Override
        public String toString() {
            return "ip address del " + address + " dev " + name;
        }
    }

    /** {@code RTM_NEWROUTE} with {@code NLM_F_EXCL} and our protocol number: somebody else's route is never replaced. */
    record AddRoute(OptionalInt index, String name, InnerRoute route) implements Operation {
        @Override
        public String toString() {
            return IpTunnelCommand.route("add", route, name);
        }
    }

    /**
     * {@code RTM_NEWROUTE} of what an address of the interface brings along, with the kernel's protocol number, so that it
     * goes with the address. Somebody else's route is never replaced.
     */
    record AddConnectedRoute(int index, String name, ConnectedRoute route) implements Operation {
        @Override
        public String toString() {
            return IpTunnelCommand.route("add", route, name);
        }
    }

    /** {@code RTM_DELROUTE} of a route that carries our protocol number. */
    record DeleteRoute(int index, String name, InnerRoute route, RouteDetails details) implements Operation {
        @Override
        public String toString() {
            return IpTunnelCommand.route("del", route, name) + details.selector();
        }
    }
}
