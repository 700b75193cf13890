package dev.iptunnel.planner;

import dev.iptunnel.observation.FallbackUse;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.observation.ParkedLocal;
import dev.iptunnel.observation.Surroundings;
import dev.iptunnel.plan.Displacement;
import dev.iptunnel.plan.Operation;
import dev.iptunnel.plan.Operation.ChangeTunnel;
import dev.iptunnel.plan.Operation.DeleteTunnel;
import dev.iptunnel.plan.Operation.SetLink;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.tunnel.BirthGroup;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.FallbackPolicy;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelParameters;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Decides who gets the endpoints of a tunnel: in the kernel, two tunnels of one driver never have the same endpoints.
 *
 * <ul>
 *   <li>Case 6: another device has them. A foreign device keeps them. If two objects want them, the older one wins; the
 *       tunnel of the younger object is parked ({@link ParkedLocal}), and so is one whose object wants them no longer. A
 *       half-born tunnel ({@link BirthGroup}) is removed.
 *   <li>Case 8: the driver's fallback device, or an {@code external} one, exchanges packets with the remote (with any
 *       remote, if the tunnel has none). The tunnel would take these packets over and drop them. If the tunnel was there
 *       first, {@link FallbackPolicy} says whether it stays or gives way.
 * </ul>
 */
public final class EndpointOwnership {
    private final DesiredTunnel desired;
    private final TunnelParameters wanted;
    private final Surroundings surroundings;
    private final Optional<ObservedLink> parked;
    private final Optional<ObservedLink> settled;
    private final Set<String> parentNames;
    private final Claims claims;

    EndpointOwnership(DesiredTunnel desired, TunnelParameters wanted, Observation observed, Claims claims) {
        this.desired = desired;
        this.wanted = wanted;
        this.surroundings = observed.surroundings();
        this.parked = observed.named().filter(ParkedLocal::isParked);
        this.settled = observed.named()
                .filter(link -> link.hasMarkOf(desired))
                .filter(link -> link.tunnel().map(TunnelParameters::endpoints).equals(Optional.of(wanted.endpoints())))
                .filter(link -> link.up() || !desired.up());
        this.parentNames = observed.parentNames();
        this.claims = claims;
    }

    Optional<Refusal> refuse() {
        return refuseYounger().or(this::refuseHeld).or(this::refuseFallback).map(this::whileParked);
    }

    private Refusal whileParked(Refusal refusal) {
        return parked.map(link -> new Refusal(
                        refusal.reason(),
                        refusal.message() + "; until then " + link.inWords() + " carries no packets",
                        refusal.rival(),
                        refusal.passes()))
                .orElse(refusal);
    }

    private Optional<Refusal> refuseYounger() {
        return claims.olderOfEndpoints(desired)
                .map(older -> conflict(
                        Optional.of(older.mark()),
                        "the IpTunnel \"" + older.mark().name() + "\", which " + older.precedenceOver(desired)
                                + ", asks for the same local, remote and parent; change one of them"));
    }

    private Optional<Refusal> refuseHeld() {
        return surroundings.holder().filter(holder -> !isHalfBorn(holder)).flatMap(this::refuseHeldBy);
    }

    private Optional<Refusal> refuseHeldBy(ObservedLink holder) {
        String sameEndpoints = " has the same local, remote and parent";
        Optional<Mark> owner =
                holder.mark().filter(mark -> mark.isOf(desired.mark().manager()));
        if (owner.isPresent()) {
            String about = holder.inWords() + " of " + Ownership.describe(owner.get()) + sameEndpoints;
            return whyKeptBy(owner.get()).map(why -> conflict(owner, about + ", and that IpTunnel " + why));
        }
        String whose = holder.mark()
                .map(mark -> " of " + Ownership.describeForeign(mark))
                .orElse(", which is not ours,");
        return Optional.of(conflict(
                Optional.empty(), holder.inWords() + whose + sameEndpoints + "; change one of them, or remove it"));
    }

    private boolean isHalfBorn(ObservedLink link) {
        return link.isHalfBorn(desired.mark().manager());
    }

    private Optional<String> whyKeptBy(Mark owner) {
        Optional<DesiredTunnel> other = claims.ownerOf(owner);
        if (other.isEmpty()) {
            return Optional.of("is " + Ownership.NOT_OF_THIS_NODE + "; change one of them");
        }
        if (other.get().paused()) {
            return Optional.of("is paused; unpause it, or change one of them");
        }
        return Claims.stillWants(other.get(), desired, parentNames, wanted)
                        && other.get().hasPrecedenceOver(desired)
                ? Optional.of(other.get().precedenceOver(desired) + "; change one of them")
                : Optional.empty();
    }

    private Optional<Refusal> refuseFallback() {
        // A tunnel that is down takes no packets.
        if (settled.isPresent() || !fallbackInUse() || !desired.up()) {
            return Optional.empty();
        }
        boolean yields = desired.fallbackPolicy() == FallbackPolicy.YIELD;
        String meanwhile = yields
                ? "it waits until that use ends, as spec.fallbackPolicy: Yield asks"
                : "end that use, or, if this is intended, set spec.fallbackPolicy: TakeOver";
        return Optional.of(new Refusal(
                Reason.FALLBACK_IN_USE,
                fallbackUses(surroundings) + ": a tunnel "
                        + (desired.remote().isAnyLocalAddress()
                                ? "that takes packets of any remote"
                                : "to " + IpFamily.format(desired.remote()))
                        + " (spec.remote) would take those packets over and drop them; " + meanwhile,
                Optional.empty(),
                yields));
    }

    private boolean fallbackInUse() {
        return !surroundings.fallbackUses().isEmpty() && desired.fallbackPolicy() != FallbackPolicy.TAKE_OVER;
    }

    /** The uses of the fallback device, as text for a message. */
    public static String fallbackUses(Surroundings surroundings) {
        return words(surroundings.fallbackUses());
    }

    /** The same of a list. */
    public static String words(List<FallbackUse> uses) {
        return uses.stream().map(EndpointOwnership::words).collect(Collectors.joining("; "));
    }

    private static String words(FallbackUse use) {
        return switch (use) {
            case FallbackUse.ByRoute(var destination, var gateway, var device) ->
                "route " + destination
                        + gateway.map(via -> " via " + IpFamily.format(via)).orElse("") + " dev " + device
                        + " sends through a device without a remote";
            case FallbackUse.ByAddress(var address, var device) ->
                "address " + address + " dev " + device + " makes that device accept packets of any remote";
            case FallbackUse.External(var device) ->
                "interface " + device + " (external) exchanges packets with any remote";
        };
    }

    /** The plan of a tunnel that gives up its endpoints, because the fallback device is used now. */
    Optional<Plan> yielding() {
        return settled.filter(link -> link.up() && fallbackInUse() && desired.fallbackPolicy() == FallbackPolicy.YIELD)
                .map(link -> new Plan(
                        park(link, desired.parent()),
                        List.of(),
                        Optional.of(fallbackUses(surroundings) + ": interface " + link.name()
                                + " gives up its endpoints until that use ends, as spec.fallbackPolicy: Yield asks"),
                        List.of()));
    }

    /** Frees the endpoints, if {@link #refuse} did not refuse them. */
    List<Operation> makeWay() {
        return surroundings
                .holder()
                .map(holder ->
                        isHalfBorn(holder) ? DeleteTunnel.of(holder).stream().toList() : park(holder, desired.parent()))
                .orElse(List.of());
    }

    /** The object whose tunnel {@link #makeWay} parks. */
    Optional<Displacement> displaced() {
        return surroundings.holder().flatMap(holder -> holder.mark().flatMap(mark -> claims.ownerOf(mark)
                .map(other -> new Displacement(
                        other.mark(),
                        "the endpoints of " + holder.inWords() + " go to the IpTunnel \""
                                + desired.mark().name() + "\", "
                                + (Claims.stillWants(other, desired, parentNames, wanted)
                                        ? "which " + desired.precedenceOver(other)
                                        : "because the IpTunnel \"" + mark.name() + "\" asks for others now")
                                + "; the interface carries no packets until it gets endpoints again"))));
    }

    /**
     * Parks a tunnel: it keeps its ifindex, addresses and routes, and gets its own endpoints in place as soon as they are
     * free. The driver may reset the MTU without a notification to IPv6, so the plan sets it again.
     */
    static List<Operation> park(ObservedLink link, Optional<String> parent) {
        TunnelParameters tunnel = link.tunnel().orElseThrow();
        TunnelParameters parked =
                tunnel.withLocal(ParkedLocal.of(tunnel.driver().outer(), link.index()));
        return List.of(new ChangeTunnel(link.index(), link.name(), parked, parent), SetLink.mtu(link, link.mtu()));
    }

    private static Refusal conflict(Optional<Mark> rival, String message) {
        return new Refusal(Reason.ENDPOINT_CONFLICT, message, rival.map(Mark::name));
    }
}
