package dev.iptunnel.plan;

import dev.iptunnel.observation.ConnectedRoute;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelDriver;
import dev.iptunnel.tunnel.TunnelMode;
import dev.iptunnel.tunnel.TunnelParameters;
import java.util.Optional;
import java.util.OptionalInt;

/** The text of ip-tunnel(8) and ip-route(8) commands, without the options that have the default of the command. */
final class IpTunnelCommand {
    private IpTunnelCommand() {}

    static String of(TunnelDriver driver) {
        return driver.outer() == IpFamily.IPV4 ? "ip tunnel" : "ip -6 tunnel";
    }

    static String text(String verb, String name, TunnelParameters parameters, Optional<String> parent) {
        StringBuilder text = new StringBuilder(of(parameters.driver()))
                .append(' ')
                .append(verb)
                .append(' ')
                .append(name);
        TunnelMode.of(parameters.driver(), parameters.protocol())
                .ifPresent(mode -> text.append(" mode ").append(mode));
        text.append(" local ").append(IpFamily.formatEndpoint(parameters.local()));
        text.append(" remote ").append(IpFamily.formatEndpoint(parameters.remote()));
        parent.ifPresent(device -> text.append(" dev ").append(device));
        text.append(outer(parameters));
        return text.toString();
    }

    private static String outer(TunnelParameters parameters) {
        String tos = isZero(parameters.tos()) ? "" : hex(parameters.tos());
        if (parameters.driver().outer() == IpFamily.IPV4) {
            return " ttl " + (parameters.ttl() == 0 ? "inherit" : parameters.ttl())
                    + (tos.isEmpty() ? "" : " tos " + tos) + (parameters.pathMtuDiscovery() ? "" : " nopmtudisc");
        }
        OptionalInt limit = parameters.encapsulationLimit();
        // 0 is inherit; ip -6 tunnel does not know that word for it.
        return " hoplimit " + parameters.ttl() + " encaplimit " + (limit.isPresent() ? limit.getAsInt() : "none")
                + (tos.isEmpty() ? "" : " tclass " + tos)
                + (isZero(parameters.flowLabel()) ? "" : " flowlabel " + hex(parameters.flowLabel()));
    }

    private static boolean isZero(OptionalInt value) {
        return value.equals(OptionalInt.of(0));
    }

    private static String hex(OptionalInt value) {
        return value.isPresent() ? "0x" + Integer.toHexString(value.getAsInt()) : "inherit";
    }

    static String route(String verb, InnerRoute route, String name) {
        return route(verb, route.destination(), route.toString(), name);
    }

    static String route(String verb, ConnectedRoute route, String name) {
        return route(verb, route.destination(), route.toString(), name);
    }

    private static String route(String verb, IpPrefix destination, String route, String name) {
        return (destination.family() == IpFamily.IPV6 ? "ip -6 route " : "ip route ") + verb + " " + route + " dev "
                + name;
    }
}
