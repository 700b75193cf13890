package dev.iptunnel.netlink;

import static dev.iptunnel.netlink.message.MessageType.RTM_NEWADDR;
import static dev.iptunnel.netlink.message.MessageType.RTM_NEWLINK;
import static dev.iptunnel.netlink.message.MessageType.RTM_NEWROUTE;
import static dev.iptunnel.netlink.message.MessageType.RTM_NEWRULE;

import dev.iptunnel.errno.Errno;
import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.link.LinkDecoder;
import dev.iptunnel.netlink.link.LinkRequests;
import dev.iptunnel.netlink.link.LinkStatistics;
import dev.iptunnel.netlink.link.NetConf;
import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.message.Conversation;
import dev.iptunnel.netlink.message.MessageBuilder;
import dev.iptunnel.netlink.message.NetlinkException;
import dev.iptunnel.netlink.message.NetlinkMessage;
import dev.iptunnel.netlink.message.NetlinkTransport;
import dev.iptunnel.netlink.route.Address;
import dev.iptunnel.netlink.route.AddressRequests;
import dev.iptunnel.netlink.route.Route;
import dev.iptunnel.netlink.route.RouteDecision;
import dev.iptunnel.netlink.route.RouteDecoder;
import dev.iptunnel.netlink.route.RouteFilter;
import dev.iptunnel.netlink.route.RouteRequests;
import dev.iptunnel.netlink.route.RouteType;
import dev.iptunnel.netlink.route.Rule;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Looks up and lists the links, addresses, routes and rules of one network namespace over rtnetlink(7).
 *
 * <p>Every failure is a {@link NetlinkException} with the kernel's errno. Thread-safe, one request at a time on the
 * socket: the kernel works on a request while it is sent, so a long list, or a request that waits for another program's
 * change, holds up the others. A {@link #close} while a request goes on ends it with {@code EBADF}.
 */
public final class Rtnetlink implements AutoCloseable {
    private final NetlinkTransport transport;
    private final Conversation conversation;
    private final RtnetlinkChanges changes;
    private final Consumer<NetlinkException> undecodable;

    /** Takes over the transport, which must have joined no groups, and closes it with itself. */
    public Rtnetlink(NetlinkTransport transport) {
        this(transport, _ -> {});
    }

    /**
     * @param undecodable takes the reason for each link, address and route that a list leaves out since it cannot be
     *     decoded
     */
    public Rtnetlink(NetlinkTransport transport, Consumer<NetlinkException> undecodable) {
        this.transport = transport;
        this.conversation = new Conversation(transport);
        this.changes = new RtnetlinkChanges(conversation);
        this.undecodable = undecodable;
    }

    /** Changes by the same socket. */
    public RtnetlinkChanges changes() {
        return changes;
    }

    /**
     * The link with this name or alternative name. Unlike with {@code if_nametoindex}, the kernel loads no module for a
     * missing name.
     */
    public Optional<Link> link(String name) {
        return link(LinkRequests.get(name), Optional.of(name), Rtnetlink::decodeLink);
    }

    public Optional<Link> link(int index) {
        return link(LinkRequests.get(index), Optional.empty(), Rtnetlink::decodeLink);
    }

    private <T> Optional<T> link(
            MessageBuilder request, Optional<String> name, Function<NetlinkMessage, Optional<T>> decoder) {
        try {
            return decoder.apply(conversation.get(request, name));
        } catch (NetlinkException e) {
            if (e.errno().equals(Errno.ENODEV)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    public List<Link> links() {
        return conversation.dump(LinkRequests.dump(), tolerant(Rtnetlink::decodeLink));
    }

    /** The links of one kind, such as {@code ipip}. The kernel does not filter by a kind whose module is not loaded. */
    public List<Link> links(String kind) {
        return conversation.dump(LinkRequests.dump(kind), tolerant(message -> decodeLink(message)
                .filter(link -> link.kind().equals(Optional.of(kind)))));
    }

    /** Whether the kernel has the driver of the kind now. It filters a list, which has lo, only by a kind that it has. */
    public boolean hasKind(String kind) {
        return conversation.dump(LinkRequests.dump(kind), tolerant(Rtnetlink::decodeLink)).stream()
                .allMatch(link -> link.kind().equals(Optional.of(kind)));
    }

    /** The counters of every link, of one list: its cost grows with the number of links, and not with their traffic. */
    public List<LinkStatistics> statistics() {
        return conversation.dump(LinkRequests.statistics(), tolerant(Rtnetlink::decodeStatistics));
    }

    /** The counters of every link of the kind: the kernel leaves out the others, which may be many. */
    public List<LinkStatistics> statistics(String kind) {
        return conversation.dump(LinkRequests.statistics(kind), tolerant(message -> decodeStatistics(message)
                .filter(link -> link.kind().equals(Optional.of(kind)))));
    }

    /** The counters of the link of that ifindex; empty where there is none. */
    public Optional<LinkStatistics> statistics(int index) {
        return link(LinkRequests.statistics(index), Optional.empty(), Rtnetlink::decodeStatistics);
    }

    /** {@code net.ipv4.conf.all.rp_filter}, as ip-netconf(8) reads it; empty where the kernel does not have it. */
    public OptionalInt reversePathFilterOfAll() {
        try {
            return NetConf.reversePathFilter(conversation.get(NetConf.getAll(), Optional.empty()));
        } catch (NetlinkException e) {
            if (e.errno().equals(Errno.EOPNOTSUPP)) {
                return OptionalInt.empty();
            }
            throw e;
        }
    }

    public List<Address> addresses() {
        return conversation.dump(AddressRequests.dump(0), tolerant(Rtnetlink::decodeAddress));
    }

    /** The addresses of one interface; none where there is no interface of that index. */
    public List<Address> addresses(int ifindex) {
        return dumpOfWhatMayBeMissing(AddressRequests.dump(ifindex), message -> decodeAddress(message)
                .filter(address -> address.ifindex() == ifindex));
    }

    /**
     * The route that the kernel would use to the destination, as {@code ip route get} asks.
     *
     * @param oif only routes out of this interface
     * @return empty where there is no route (ENETUNREACH), no interface oif (ENODEV), a route of type unreachable
     *     (EHOSTUNREACH), prohibit (EACCES) or blackhole (EINVAL without an explanation), or where the kernel does not
     *     have the family (EOPNOTSUPP)
     */
    public Optional<Route> route(InetAddress destination, OptionalInt oif) {
        return route(RouteRequests.lookup(destination, Optional.empty(), oif));
    }

    /**
     * The same for packets with a source, which rules (ip-rule(8)) may route differently.
     *
     * @param source an address of the node
     */
    public Optional<Route> routeFrom(InetAddress source, InetAddress destination, OptionalInt oif) {
        return route(RouteRequests.lookup(destination, Optional.of(source), oif));
    }

    /**
     * The entry of the routing tables that the kernel would use for the destination, as {@code ip route get fibmatch}
     * asks: with its prefix, table, protocol and metric, and with all next hops.
     *
     * @param oif only routes out of this interface
     * @return empty as {@link #route} is
     */
    public Optional<Route> matchedRoute(InetAddress destination, OptionalInt oif) {
        return route(RouteRequests.match(destination, oif));
    }

    private Optional<Route> route(MessageBuilder request) {
        return decide(request).route();
    }

    /**
     * The same, with what the kernel does with the packets where there is no such entry.
     *
     * @param oif only routes out of this interface; of a VRF, the routes that its own packets take
     */
    public RouteDecision decision(InetAddress destination, OptionalInt oif) {
        return decide(RouteRequests.match(destination, oif));
    }

    private RouteDecision decide(MessageBuilder request) {
        try {
            return decodeRoute(conversation.get(request, Optional.empty()))
                    .map(RouteDecision::of)
                    .orElse(new RouteDecision(RouteType.UNSPEC, Optional.empty()));
        } catch (NetlinkException e) {
            if (saysUnroutable(e)) {
                return RouteDecision.of(e.errno());
            }
            throw e;
        }
    }

    private static boolean saysUnroutable(NetlinkException e) {
        Errno errno = e.errno();
        return errno.equals(Errno.ENETUNREACH)
                || errno.equals(Errno.EHOSTUNREACH)
                || errno.equals(Errno.ENODEV)
                || errno.equals(Errno.EACCES)
                || errno.equals(Errno.EOPNOTSUPP)
                || (errno.equals(Errno.EINVAL) && e.explanation().isEmpty());
    }

    /** The routes that the filter matches, without cached ones; none where there is no such interface. */
    public List<Route> routes(RouteFilter filter) {
        return routes(filter, _ -> true);
    }

    /**
     * The wanted ones of the routes that the filter matches. The others are dropped one by one, so a full table needs
     * little memory.
     */
    public List<Route> routes(RouteFilter filter, Predicate<Route> wanted) {
        return dumpOfWhatMayBeMissing(
                RouteRequests.dump(filter),
                message -> filter.mayMatch(message)
                        ? decodeRoute(message)
                                .filter(route -> !route.cloned() && filter.matches(route) && wanted.test(route))
                        : Optional.empty());
    }

    /**
     * The rules, in the order of their priorities; none where the kernel does not have the family, or no policy routing
     * for it.
     */
    public List<Rule> rules(AddressFamily family) {
        try {
            return conversation.dump(RouteRequests.rules(family), message -> decodeRule(message)
                    .filter(rule -> rule.family() == family));
        } catch (NetlinkException e) {
            if (e.errno().equals(Errno.EAFNOSUPPORT) || e.errno().equals(Errno.EOPNOTSUPP)) {
                return List.of();
            }
            throw e;
        }
    }

    @Override
    public void close() {
        transport.close();
    }

    /** The list is empty where there is no interface of the index that the kernel filters by. */
    private <T> List<T> dumpOfWhatMayBeMissing(MessageBuilder request, Function<NetlinkMessage, Optional<T>> decoder) {
        try {
            return conversation.dump(request, tolerant(decoder));
        } catch (NetlinkException e) {
            if (e.errno().equals(Errno.ENODEV)) {
                return List.of();
            }
            throw e;
        }
    }

    /** Reports and leaves out a message that cannot be decoded, so that the list has the others. */
    private <T> Function<NetlinkMessage, Optional<T>> tolerant(Function<NetlinkMessage, Optional<T>> decoder) {
        return message -> {
            try {
                return decoder.apply(message);
            } catch (NetlinkException e) {
                undecodable.accept(e);
                return Optional.empty();
            }
        };
    }

    private static Optional<Link> decodeLink(NetlinkMessage message) {
        return message.type() == RTM_NEWLINK.number && LinkDecoder.isLink(message)
                ? Optional.of(LinkDecoder.decode(message))
                : Optional.empty();
    }

    private static Optional<LinkStatistics> decodeStatistics(NetlinkMessage message) {
        return message.type() == RTM_NEWLINK.number && LinkDecoder.isLink(message)
                ? LinkStatistics.decode(message)
                : Optional.empty();
    }

    private static Optional<Address> decodeAddress(NetlinkMessage message) {
        return message.type() == RTM_NEWADDR.number && AddressFamily.isOf(message)
                ? Optional.of(Address.decode(message))
                : Optional.empty();
    }

    private static Optional<Route> decodeRoute(NetlinkMessage message) {
        return message.type() == RTM_NEWROUTE.number && AddressFamily.isOf(message)
                ? Optional.of(RouteDecoder.decode(message))
                : Optional.empty();
    }

    private static Optional<Rule> decodeRule(NetlinkMessage message) {
        return message.type() == RTM_NEWRULE.number && AddressFamily.isOf(message)
                ? Optional.of(Rule.decode(message))
                : Optional.empty();
    }
}
