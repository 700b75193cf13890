package dev.iptunnel.agent.reconcile;

import dev.iptunnel.agent.health.TunnelState;
import dev.iptunnel.agent.program.Drift;
import dev.iptunnel.agent.program.Outcome;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import dev.iptunnel.observation.Master;
import dev.iptunnel.observation.Observation.Device;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelDriver;
import java.net.InetAddress;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the agent remembers of one IpTunnel between two reconciliations.
 *
 * @param interfaces the names of the interfaces whose change concerns the tunnel
 * @param outer the outer addresses, as far as they are known
 * @param inner what its addresses and routes lead to
 * @param driver the kernel's, as far as it is known
 * @param waits whether it may wait for what another tunnel has: it is not there, and its spec could be read
 * @param state what metrics and /statusz say of it; empty before it was looked at
 * @param rival the name of the IpTunnel that this one was refused for
 * @param failures how often in a row it was not programmed
 * @param drift what others did to it
 */
record RegistryEntry(
        String uid,
        Set<String> interfaces,
        Set<InetAddress> outer,
        Set<IpPrefix> inner,
        Optional<TunnelDriver> driver,
        boolean waits,
        Optional<TunnelState> state,
        Optional<String> rival,
        int failures,
        Drift drift,
        WrittenStatus written) {
    RegistryEntry {
        interfaces = Set.copyOf(interfaces);
        outer = Set.copyOf(outer);
        inner = Set.copyOf(inner);
    }

    /** Of an object that was not looked at yet. */
    static RegistryEntry of(String uid) {
        return new RegistryEntry(
                uid,
                Set.of(),
                Set.of(),
                Set.of(),
                Optional.empty(),
                true,
                Optional.empty(),
                Optional.empty(),
                0,
                Drift.NONE,
                WrittenStatus.NONE);
    }

    RegistryEntry after(IpTunnel tunnel, IpTunnelStatus status, Outcome outcome, Drift changes, Instant now) {
        boolean isWritten = written.isWritten(tunnel, status, now);
        return new RegistryEntry(
                uid,
                interfacesOf(tunnel, outcome),
                outerOf(outcome),
                outcome.state().stream()
                        .flatMap(state -> state.desired().destinations())
                        .collect(Collectors.toSet()),
                outcome.state().map(state -> state.desired().mode().driver()),
                !outcome.settled() && !isInvalid(outcome),
                Optional.of(TunnelStates.of(tunnel, status, outcome, changes)),
                outcome.notProgrammed().flatMap(Refusal::rival),
                outcome.programmed() ? 0 : failures + 1,
                changes,
                isWritten ? written : written.after(tunnel, status, now));
    }

    /** After a look that ended by an exception. */
    RegistryEntry failed() {
        return new RegistryEntry(
                uid, interfaces, outer, inner, driver, waits, state, rival, failures + 1, drift, written);
    }

    private static boolean isInvalid(Outcome outcome) {
        return outcome.notProgrammed()
                .filter(refusal -> refusal.reason() == Reason.INVALID_SPEC)
                .isPresent();
    }

    private static Set<String> interfacesOf(IpTunnel tunnel, Outcome outcome) {
        Set<String> names = new HashSet<>();
        names.add(tunnel.interfaceName());
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
