package dev.iptunnel.readiness;

import dev.iptunnel.observation.Detour;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.Observation.Carrier;
import dev.iptunnel.observation.Observation.Device;
import dev.iptunnel.observation.ObservedAddress.AddressFlag;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.planner.AlternativeName;
import dev.iptunnel.planner.EndpointOwnership;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.FallbackPolicy;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.LocalAddress;
import dev.iptunnel.tunnel.TunnelMtu;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Whether the node does its part for a tunnel that is programmed. It says nothing about the peer. */
public final class Readiness {
    /** {@code LOOPBACK_IFINDEX} of linux/netdevice.h. */
    private static final int LOOPBACK_IFINDEX = 1;

    private Readiness() {}

    /** The first check that fails; empty = ready. A tunnel that the spec sets down is always ready. */
    public static Optional<Refusal> obstacle(DesiredTunnel desired, Observation observed) {
        if (!desired.up()) {
            return Optional.empty();
        }
        return tunnelDown(observed)
                .or(() -> vrfDown(observed))
                .or(() -> parentDown(desired, observed))
                .or(() -> localMissing(desired, observed))
                .or(() -> unroutable(desired, observed))
                .or(() -> observed.named().flatMap(link -> EffectiveSettings.obstacle(desired, link)))
                .or(() -> takingPacketsOfFallback(desired, observed));
    }

    private static Optional<Refusal> tunnelDown(Observation observed) {
        return observed.named()
                .filter(link -> !link.up() || !operational(link))
                .map(link -> new Refusal(
                        Reason.LINK_DOWN,
                        "interface " + link.name() + " is " + (link.up() ? "in state " + link.operState() : "down")));
    }

    private static Optional<Refusal> vrfDown(Observation observed) {
        return observed.named()
                .flatMap(ObservedLink::master)
                .filter(master -> master.vrfTable().isPresent() && !master.up())
                .map(vrf -> new Refusal(
                        Reason.VRF_DOWN,
                        "the VRF " + vrf.name() + " is down and drops the tunnel's packets: ip link set dev "
                                + vrf.name() + " up"));
    }

    private static Optional<Refusal> parentDown(DesiredTunnel desired, Observation observed) {
        return observed.parent()
                .filter(parent -> !parent.up() || !operational(parent))
                .map(parent -> new Refusal(
                        Reason.PARENT_DOWN,
                        "parent " + parent.name() + " is "
                                + (parent.up() ? "in state " + parent.operState() : "down")
                                + AlternativeName.report(desired, observed)
                                        .map(names -> "; " + names)
                                        .orElse("")));
    }

    private static Optional<Refusal> localMissing(DesiredTunnel desired, Observation observed) {
        return observed.path().localPresent()
                ? Optional.empty()
                : observed.wanted(desired)
                        .map(wanted -> new Refusal(
                                Reason.LOCAL_ADDRESS_NOT_FOUND,
                                "the node does not have the address " + IpFamily.format(wanted.local()) + " ("
                                        + (desired.local() instanceof LocalAddress.Fixed
                                                ? "spec.local)"
                                                : "the last one by spec.localFrom)")));
    }

    private static Optional<Refusal> unroutable(DesiredTunnel desired, Observation observed) {
        if (desired.remote().isAnyLocalAddress()) {
            return Optional.empty();
        }
        String remote = IpFamily.format(desired.remote());
        Optional<Device> device = observed.path().device();
        if (device.isEmpty()) {
            return Optional.of(
                    new Refusal(Reason.NO_ROUTE_TO_REMOTE, "the node has no route to " + remote + " (spec.remote)"));
        }
        if (observed.leadsIntoTunnel(device.get())) {
            return Optional.of(new Refusal(
                    Reason.ROUTE_LOOP, "the route to " + remote + " (spec.remote) leads into the tunnel itself"));
        }
        return observed.path().loops()
                ? Optional.of(new Refusal(
                        Reason.ROUTE_LOOP,
                        "the route to " + remote + " (spec.remote) leads into " + carriers(observed)
                                + ", whose packets come back; give the node a more specific route to " + remote))
                : Optional.empty();
    }

    private static String carriers(Observation observed) {
        return observed.path().carriers().stream().map(Carrier::name).collect(Collectors.joining(", then "));
    }

    /** The tunnel receives packets for the fallback device, and drops them. */
    private static Optional<Refusal> takingPacketsOfFallback(DesiredTunnel desired, Observation observed) {
        return observed.surroundings().fallbackUses().isEmpty() || desired.fallbackPolicy() == FallbackPolicy.TAKE_OVER
                ? Optional.empty()
                : Optional.of(new Refusal(
                        Reason.FALLBACK_IN_USE,
                        EndpointOwnership.fallbackUses(observed.surroundings())
                                + ": packets for that device arrive on this tunnel, which was there first, and are"
                                + " lost; end that use, remove this tunnel, or set spec.fallbackPolicy: Yield, so that it"
                                + " gives way, or TakeOver, if this is intended"));
    }

    /** What a user should know about a tunnel that is ready. */
    public static Optional<String> remark(DesiredTunnel desired, Observation observed) {
        List<String> remarks = Stream.of(
                        remoteIsOwn(desired, observed).stream(),
                        mtuDoesNotFit(desired, observed).stream(),
                        deprecated(desired, observed),
                        observed.named().stream().flatMap(link -> EffectiveSettings.remarks(desired, link).stream()),
                        Detour.report(observed.detours()).stream())
                .flatMap(each -> each)
                .toList();
        return remarks.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", remarks));
    }

    /** The kernel routes packets to the node's own addresses to the loopback device. */
    private static Optional<String> remoteIsOwn(DesiredTunnel desired, Observation observed) {
        return observed.path()
                .device()
                .filter(device -> device.index() == LOOPBACK_IFINDEX)
                .map(_ -> "the node itself has the address " + IpFamily.format(desired.remote())
                        + " (spec.remote): no packet of this tunnel leaves it");
    }

    private static Optional<String> mtuDoesNotFit(DesiredTunnel desired, Observation observed) {
        if (observed.named().isEmpty()
                || observed.wanted(desired).isEmpty()
                || observed.outerMtu().isEmpty()) {
            return Optional.empty();
        }
        int fitting = TunnelMtu.fitting(observed.wanted(desired).get(), observed.outerMtu());
        int mtu = observed.named().get().mtu();
        return mtu <= fitting
                ? Optional.empty()
                : Optional.of(
                        "the MTU of " + mtu + (desired.mtu().isPresent() ? " (spec.mtu)" : ", the kernel's minimum,")
                                + " is more than the " + fitting + " bytes that fit through the outer MTU of "
                                + observed.outerMtu().getAsInt() + ": longer packets are fragmented or lost");
    }

    /** Addresses of ours are put right. */
    private static Stream<String> deprecated(DesiredTunnel desired, Observation observed) {
        return observed.named().stream()
                .flatMap(link -> link.addresses().stream())
                .filter(address -> address.flags().contains(AddressFlag.DEPRECATED)
                        && desired.addresses().contains(address.address()))
                .map(address -> "somebody else made the address " + address.address()
                        + " (spec.addresses) deprecated, and the node avoids it as a source; remove the address, and the"
                        + " agent adds it again");
    }

    /** The alternative names in the spec, as text for a message. */
    public static Optional<String> alternativeNames(DesiredTunnel desired, Observation observed) {
        return AlternativeName.report(desired, observed);
    }

    private static boolean operational(ObservedLink link) {
        return link.operState().equals("UP") || link.operState().equals("UNKNOWN");
    }
}
