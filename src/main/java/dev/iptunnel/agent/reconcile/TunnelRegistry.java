package dev.iptunnel.agent.reconcile;

import dev.iptunnel.agent.program.Drift;
import dev.iptunnel.agent.program.Outcome;
import dev.iptunnel.agent.spec.SpecReader;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import dev.iptunnel.kernel.KernelEvent;
import dev.iptunnel.kernel.KernelEvent.EverythingChanged;
import dev.iptunnel.kernel.KernelEvent.FallbackChanged;
import dev.iptunnel.kernel.KernelEvent.LinkChanged;
import dev.iptunnel.kernel.KernelEvent.RouteChanged;
import dev.iptunnel.observation.Master;
import dev.iptunnel.observation.Observation.Device;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelDriver;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What the agent remembers about each IpTunnel between two reconciliations, by name. */
public final class TunnelRegistry {
    private final Map<String, Entry> entries = new ConcurrentHashMap<>();
    /**
     * The kernel events that arrived during a look, by the tunnel's name. Which of them concern it is known after the
     * look.
     */
    private final Map<String, Queue<KernelEvent>> looks = new ConcurrentHashMap<>();

    /**
     * @param interfaces the names of the interfaces whose change concerns the tunnel
     * @param outer the outer addresses, if known
     * @param inner the networks of its addresses and routes
     * @param driver the kernel's driver, if known
     * @param ready whether its condition Ready is True
     * @param rival the name of the IpTunnel because of which this one was refused
     * @param failures how often in a row it was not programmed
     * @param unwritten how often in a row its status was not written
     * @param drift the changes by others
     */
    record Entry(
            String uid,
            Set<String> interfaces,
            Set<InetAddress> outer,
            Set<IpPrefix> inner,
            Optional<TunnelDriver> driver,
            boolean ready,
            Optional<String> rival,
            int failures,
            int unwritten,
            Drift drift,
            WrittenStatus written) {
        Entry {
            interfaces = Set.copyOf(interfaces);
            outer = Set.copyOf(outer);
            inner = Set.copyOf(inner);
        }

        Entry after(IpTunnel tunnel, IpTunnelStatus status, Outcome outcome, Drift changes, Instant now) {
            boolean isWritten = written.isWritten(tunnel, status, now);
            return new Entry(
                    uid,
                    interfacesOf(tunnel, outcome),
                    outerOf(outcome),
                    outcome.state().stream()
                            .flatMap(state -> state.desired().destinations())
                            .collect(Collectors.toSet()),
                    outcome.state().map(state -> state.desired().mode().driver()),
                    status.conditions().stream()
                            .anyMatch(condition -> condition.getType().equals("Ready")
                                    && condition.getStatus().equals("True")),
                    outcome.notProgrammed().flatMap(Refusal::rival),
                    outcome.programmed() ? 0 : failures + 1,
                    isWritten ? 0 : unwritten,
                    changes,
                    isWritten ? written : written.after(tunnel, status, now));
        }

        Entry notWritten() {
            return new Entry(
                    uid,
                    interfaces,
                    outer,
                    inner,
                    driver,
                    ready,
                    rival,
                    failures,
                    unwritten + 1,
                    drift,
                    written.notWritten());
        }

        private static Set<String> interfacesOf(IpTunnel tunnel, Outcome outcome) {
            Set<String> names = new HashSet<>();
            names.add(SpecReader.interfaceNameOf(tunnel));
            if (tunnel.getSpec().parent() != null) {
                names.add(tunnel.getSpec().parent());
            }
            if (tunnel.getSpec().vrf() != null) {
                names.add(tunnel.getSpec().vrf());
            }
            outcome.state().ifPresent(state -> {
                state.observed().vrf().map(Master::name).ifPresent(names::add);
                state.observed()
                        .named()
                        .flatMap(ObservedLink::master)
                        .map(Master::name)
                        .ifPresent(names::add);
                state.desired().localSource().ifPresent(names::add);
                state.observed().localSource().map(ObservedLink::name).ifPresent(names::add);
                state.observed().parent().map(ObservedLink::name).ifPresent(names::add);
                state.observed().path().device().map(Device::name).ifPresent(names::add);
                state.observed().path().carriers().forEach(carrier -> names.add(carrier.name()));
            });
            return names;
        }

        private static Set<InetAddress> outerOf(Outcome outcome) {
            Set<InetAddress> addresses = new HashSet<>();
            outcome.state().ifPresent(state -> {
                state.observed().wanted(state.desired()).ifPresent(wanted -> {
                    addresses.add(wanted.local());
                    addresses.add(wanted.remote());
                });
                state.observed().path().carriers().forEach(carrier -> addresses.add(carrier.remote()));
            });
            return addresses;
        }
    }

    Entry entry(IpTunnel tunnel) {
        String uid = tunnel.getMetadata().getUid();
        Entry known = entries.get(tunnel.getMetadata().getName());
        return known != null && known.uid().equals(uid) ? known : newEntry(uid);
    }

    private static Entry newEntry(String uid) {
        return new Entry(
                uid,
                Set.of(),
                Set.of(),
                Set.of(),
                Optional.empty(),
                false,
                Optional.empty(),
                0,
                0,
                Drift.NONE,
                WrittenStatus.NONE);
    }

    /** Whether this object, and not only one of the same name, has been reconciled. */
    boolean knows(IpTunnel tunnel) {
        Entry known = entries.get(tunnel.getMetadata().getName());
        return known != null && known.uid().equals(tunnel.getMetadata().getUid());
    }

    void update(IpTunnel tunnel, Entry entry) {
        entries.put(tunnel.getMetadata().getName(), entry);
    }

    void forget(IpTunnel tunnel) {
        entries.computeIfPresent(
                tunnel.getMetadata().getName(),
                (name, entry) -> entry.uid().equals(tunnel.getMetadata().getUid()) ? null : entry);
    }

    /** Begins to collect kernel events for a look at the tunnel. */
    void beginLook(IpTunnel tunnel) {
        looks.put(tunnel.getMetadata().getName(), new ConcurrentLinkedQueue<>());
    }

    /**
     * Ends the collection, after the result of the look was remembered.
     *
     * @return whether an event that concerns the tunnel arrived meanwhile; the look may have missed it
     */
    boolean endLook(IpTunnel tunnel) {
        String name = tunnel.getMetadata().getName();
        Queue<KernelEvent> meanwhile = Objects.requireNonNullElseGet(looks.remove(name), ArrayDeque::new);
        return meanwhile.stream().anyMatch(event -> concernedBy(event).contains(name));
    }

    /** The tunnels that the event concerns. It is also collected for each look in progress. */
    List<String> hear(KernelEvent event) {
        looks.values().forEach(look -> look.add(event));
        return concernedBy(event);
    }

    private List<String> concernedBy(KernelEvent event) {
        return switch (event) {
            case LinkChanged link -> concernedBy(link);
            case RouteChanged route -> concernedBy(route);
            case FallbackChanged fallback -> concernedBy(fallback);
            case EverythingChanged _ -> List.copyOf(entries.keySet());
        };
    }

    /** The tunnels that use this interface; if it is a tunnel, also those that may wait for its name or endpoints. */
    List<String> concernedBy(LinkChanged link) {
        return concerned(entry -> entry.interfaces().contains(link.name()) || (link.tunnel() && !entry.ready()));
    }

    /** The tunnels with an outer address in this route's destination, and those whose own networks overlap with it. */
    List<String> concernedBy(RouteChanged route) {
        return concerned(entry -> entry.outer().stream().anyMatch(route.destination()::contains)
                || entry.inner().stream().anyMatch(route.destination()::overlaps));
    }

    /** The tunnels of the driver: they and its fallback device may take packets from each other. */
    List<String> concernedBy(FallbackChanged fallback) {
        return concerned(entry -> entry.driver().equals(Optional.of(fallback.driver())));
    }

    private List<String> concerned(Predicate<Entry> concerned) {
        return entries.entrySet().stream()
                .filter(entry -> concerned.test(entry.getValue()))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** The tunnels that were refused because of this one. */
    public List<String> refusedFor(String name) {
        return entries.entrySet().stream()
                .filter(entry -> entry.getValue().rival().equals(Optional.of(name)))
                .map(Map.Entry::getKey)
                .toList();
    }

    public long count(boolean ready) {
        return entries.values().stream().filter(entry -> entry.ready() == ready).count();
    }
}
