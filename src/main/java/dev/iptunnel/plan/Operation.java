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
 * One change to the kernel; prints as the command of the same effect, if possible one of ip(8). An operation on an existing
 * interface contains the ifindex and changes no other interface. An operation on an interface that the same plan creates
 * contains none.
 */
public sealed interface Operation {
    /** The interface's name. */
    String name();

    /**
     * {@code RTM_NEWLINK} with {@code NLM_F_EXCL}; the name is free.
     *
     * @param birthGroup see {@link BirthGroup}. The text does not show it: the operation that sets the mark removes it
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
     * {@code SIOCDELTUNNEL}, after a last check that the interface still has this ifindex, driver and alias.
     *
     * @param alias the mark that makes the tunnel ours
     */
    record DeleteTunnel(int index, String name, TunnelDriver driver, String alias) implements Operation {
        /** The removal of an existing tunnel; empty if the interface is not a tunnel. */
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
     * {@code RTM_SETLINK}: all present values, in one message.
     *
     * @param endsBirth moves the interface to the default group, see {@link BirthGroup}. The text does not show it
     */
    record SetLink(
            OptionalInt index,
            String name,
            Optional<String> alias,
            OptionalInt mtu,
            Optional<Boolean> up,
            boolean endsBirth)
            implements Operation {
        /** For an interface that stays in its group. */
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

    /** {@code RTM_SETLINK}; before Linux 6.2 only for an interface that is down. */
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
     * Writes 0 to a file below {@code net.ipv6.conf.INTERFACE}, because rtnetlink only reads these settings. Writes nothing
     * if the interface of this name has another ifindex by then.
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

    /** {@code RTM_NEWROUTE} with {@code NLM_F_EXCL} and our protocol number: it never replaces a route of others. */
    record AddRoute(OptionalInt index, String name, InnerRoute route) implements Operation {
        @Override
        public String toString() {
            return IpTunnelCommand.route("add", route, name);
        }
    }

    /**
     * {@code RTM_NEWROUTE} of a route that the kernel adds for an address, with the kernel's protocol number, so that the
     * kernel removes it together with the address. It never replaces a route of others.
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
