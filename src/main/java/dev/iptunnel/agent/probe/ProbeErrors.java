package dev.iptunnel.agent.probe;

import dev.iptunnel.errno.Errno;
import dev.iptunnel.libc.LibcException;
import dev.iptunnel.libc.ProbeSocket.Event.Unreachable;
import dev.iptunnel.probe.ProbeObstacle;
import dev.iptunnel.probe.ProbeObstacle.Kind;
import dev.iptunnel.probe.ProbeSubject;
import dev.iptunnel.tunnel.IpFamily;
import java.util.Optional;
import java.util.Set;

/** What the errors of sockets mean for a probe. */
final class ProbeErrors {
    static final ProbeObstacle NO_ICMP_SOCKETS = new ProbeObstacle(
            Kind.NOT_PERMITTED,
            "net.ipv4.ping_group_range of the node allows no ICMP sockets, and UDP is not answered, which a packet filter"
                    + " may cause: sysctl -w net.ipv4.ping_group_range=\"0 2147483647\"");

    private static final Set<Errno> NO_ROUTE =
            Set.of(Errno.ENETUNREACH, Errno.EHOSTUNREACH, Errno.EINVAL, Errno.EACCES);

    private ProbeErrors() {}

    /** Of a socket that could not be opened. */
    static ProbeObstacle ofSocket(ProbeSubject subject, LibcException e) {
        if (e.errno().equals(Errno.ENODEV)) {
            return new ProbeObstacle(Kind.NOT_PROGRAMMED, "the node has no interface " + subject.interfaceName());
        }
        if (e.errno().equals(Errno.EADDRNOTAVAIL)) {
            return new ProbeObstacle(
                    Kind.NOT_PROGRAMMED,
                    "the interface " + subject.interfaceName() + " does not have the address "
                            + IpFamily.format(subject.source()));
        }
        return e.operation().equals("connect") && NO_ROUTE.contains(e.errno())
                ? noRoute(subject)
                : new ProbeObstacle(Kind.NOT_PERMITTED, "the node does not let the agent ask: " + e.getMessage());
    }

    /** Of a packet that was not sent; empty if that says nothing. */
    static Optional<ProbeObstacle> ofSend(ProbeSubject subject, Errno errno) {
        if (errno.equals(Errno.EPERM)) {
            return Optional.of(
                    new ProbeObstacle(Kind.UNREACHABLE, "a packet filter of this node drops what is sent to it"));
        }
        if (errno.equals(Errno.ENETDOWN) || errno.equals(Errno.ENODEV)) {
            return Optional.of(
                    new ProbeObstacle(Kind.NOT_PROGRAMMED, "the interface " + subject.interfaceName() + " is down"));
        }
        return NO_ROUTE.contains(errno) ? Optional.of(noRoute(subject)) : Optional.empty();
    }

    private static ProbeObstacle noRoute(ProbeSubject subject) {
        return new ProbeObstacle(Kind.UNREACHABLE, "no route leads to it through " + subject.interfaceName());
    }

    /** Of an ICMP message. */
    static ProbeObstacle of(ProbeSubject subject, Unreachable heard) {
        boolean outer = heard.from().filter(subject.source()::equals).isPresent();
        return new ProbeObstacle(
                Kind.UNREACHABLE,
                outer
                        ? "the outer packets" + remote(subject)
                                + " come back as undeliverable; the other end may have no tunnel for them, or is down"
                        : heard.from().map(IpFamily::format).orElse("the kernel") + " says " + heard.errno());
    }

    private static String remote(ProbeSubject subject) {
        return subject.remote().isAnyLocalAddress() ? "" : " to " + IpFamily.format(subject.remote());
    }
}
