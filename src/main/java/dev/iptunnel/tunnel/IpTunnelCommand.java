package dev.iptunnel.tunnel;

import java.net.InetAddress;
import java.util.Optional;

/** The text of ip-tunnel(8) commands. */
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
        text.append(" local ").append(endpoint(parameters.local()));
        text.append(" remote ").append(endpoint(parameters.remote()));
        parent.ifPresent(device -> text.append(" dev ").append(device));
        boolean outerIpv4 = parameters.driver().outer() == IpFamily.IPV4;
        text.append(outerIpv4 ? " ttl " : " hoplimit ")
                .append(parameters.ttl() == 0 ? "inherit" : Integer.toString(parameters.ttl()));
        if (!outerIpv4) {
            text.append(" encaplimit ");
            parameters.encapsulationLimit().ifPresentOrElse(text::append, () -> text.append("none"));
        }
        return text.toString();
    }

    private static String endpoint(InetAddress address) {
        return address.isAnyLocalAddress() ? "any" : IpFamily.format(address);
    }
}
