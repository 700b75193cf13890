package dev.iptunnel.diagnosis;

import dev.iptunnel.observation.Master;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.observation.ParkedLocal;
import dev.iptunnel.plan.Operation;
import dev.iptunnel.plan.Operation.AddAddress;
import dev.iptunnel.plan.Operation.AddConnectedRoute;
import dev.iptunnel.plan.Operation.AddRoute;
import dev.iptunnel.plan.Operation.AddTunnel;
import dev.iptunnel.plan.Operation.ChangeTunnel;
import dev.iptunnel.plan.Operation.DeleteTunnel;
import dev.iptunnel.plan.Operation.SetLink;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelMode;
import dev.iptunnel.tunnel.TunnelParameters;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The interface itself: driver, name, mark, parameters, state. */
final class InterfaceChecks {
    /** Interface groups from here on are those of {@link dev.iptunnel.tunnel.BirthGroup}. */
    private static final int FIRST_BIRTH_GROUP = 1 << 30;

    private final TunnelFacts facts;
    private final PlannedChanges planned;

    private InterfaceChecks(TunnelFacts facts) {
        this.facts = facts;
        this.planned = new PlannedChanges(facts);
    }

    static List<Finding> of(TunnelFacts facts) {
        InterfaceChecks checks = new InterfaceChecks(facts);
        return List.of(
                checks.driver(), checks.present(), checks.owner(), checks.parameters(), checks.vrf(), checks.state());
    }

    private Finding driver() {
        if (facts.driver().isEmpty()) {
            return Finding.skipped(Check.DRIVER, "no tunnel says which driver is needed");
        }
        DriverFacts driver = facts.driver().get();
        if (!driver.hasFamily()) {
            return Finding.fail(
                    Check.DRIVER,
                    Reason.MODULE_MISSING,
                    "the kernel has no IPv6, which the driver " + driver.name() + " needs",
                    "start the node without ipv6.disable=1");
        }
        if (driver.loaded()) {
            return Finding.ok(Check.DRIVER, "the kernel has the driver " + driver.name());
        }
        if (driver.loadable().equals(Optional.of(true))) {
            return Finding.ok(
                    Check.DRIVER, "the driver " + driver.name() + " is not loaded; it will be when a tunnel is made");
        }
        return Finding.fail(
                Check.DRIVER,
                Reason.MODULE_MISSING,
                "the kernel does not have the driver " + driver.name()
                        + driver.loadable().map(_ -> ", nor its module").orElse(""),
                "modprobe " + driver.name() + " on the node");
    }

    private Finding present() {
        if (facts.link().isEmpty()) {
            return missing();
        }
        ObservedLink link = facts.link().get();
        if (link.tunnel().isEmpty()) {
            return Finding.fail(
                    Check.INTERFACE,
                    Reason.INTERFACE_NAME_CONFLICT,
                    link.inWords() + " is no tunnel of ipip, sit or ip6_tunnel",
                    "give the tunnel another name, or remove that interface");
        }
        TunnelParameters tunnel = link.tunnel().get();
        if (link.isFallback()) {
            return Finding.fail(
                    Check.INTERFACE,
                    Reason.INTERFACE_NAME_CONFLICT,
                    link.inWords() + " is the fallback device of the driver "
                            + tunnel.driver().kind() + ", and no tunnel to a remote",
                    "give the tunnel another name");
        }
        return Finding.ok(Check.INTERFACE, link.inWords() + ", " + mode(tunnel) + ", " + endpoints(tunnel));
    }

    private Finding missing() {
        String seen = "there is no interface " + facts.name();
        if (!facts.strays().isEmpty()) {
            return Finding.fail(
                    Check.INTERFACE,
                    seen + "; its mark is on " + String.join(", ", facts.strays()),
                    "somebody renamed it: ip link set dev " + facts.strays().getFirst() + " name " + facts.name());
        }
        return planned.refusalOfAll()
                .map(refusal -> new Finding(
                        Check.INTERFACE,
                        Result.FAIL,
                        seen + ", and it cannot be made: " + refusal.message(),
                        Optional.empty(),
                        Optional.of(refusal.reason())))
                .orElseGet(() -> Finding.fail(
                        Check.INTERFACE,
                        seen,
                        facts.desired().isPresent()
                                ? "iptunnel apply makes it; of a cluster's tunnel, look why the agent did not"
                                : "iptunnel get lists the tunnels that are there"));
    }

    private static String mode(TunnelParameters tunnel) {
        return TunnelMode.of(tunnel.driver(), tunnel.protocol())
                .map(TunnelMode::toString)
                .orElse(tunnel.driver().kind() + " of any inner protocol");
    }

    private static String endpoints(TunnelParameters tunnel) {
        return "local " + IpFamily.formatEndpoint(tunnel.local()) + " remote "
                + IpFamily.formatEndpoint(tunnel.remote());
    }

    private Finding owner() {
        Optional<Finding> refused =
                planned.refusal(Reason.INTERFACE_NAME_CONFLICT).map(refusal -> Finding.refused(Check.OWNER, refusal));
        return refused.orElseGet(() -> facts.link()
                .filter(link -> link.tunnel().isPresent())
                .map(InterfaceChecks::owner)
                .orElseGet(() -> Finding.skipped(Check.OWNER, "there is no tunnel")));
    }

    private static Finding owner(ObservedLink link) {
        if (link.mark().isPresent()) {
            Mark mark = link.mark().get();
            return Finding.ok(
                    Check.OWNER,
                    "of the IpTunnel \"" + mark.name() + "\", "
                            + (mark.isOf(Mark.COMMAND)
                                    ? "made by the command iptunnel"
                                    : "kept by the agent of cluster " + mark.manager()));
        }
        if (Mark.isClaimed(link.alias())) {
            return Finding.warn(
                    Check.OWNER,
                    "its alias starts as a mark of iptunnel does, and cannot be read: " + link.alias(),
                    "somebody changed it, or a newer release wrote it: compare with ip link show dev " + link.name());
        }
        if (link.alias().isEmpty() && !link.up() && link.group() >= FIRST_BIRTH_GROUP) {
            return Finding.fail(
                    Check.OWNER,
                    "an agent made it and ended before it marked it (group " + link.group() + ")",
                    "start the agent, which goes on with it, or ip link delete dev " + link.name());
        }
        return Finding.ok(
                Check.OWNER,
                "made by hand or by another program: it has no mark of iptunnel"
                        + (link.alias().isEmpty() ? "" : ", its alias is \"" + link.alias() + "\""));
    }

    private Finding parameters() {
        Optional<String> changes =
                facts.link().isEmpty() ? Optional.empty() : planned.commands(InterfaceChecks::remakes);
        if (changes.isPresent()) {
            return Finding.fail(
                    Check.PARAMETERS,
                    "it is not as it was asked for: " + differences(),
                    "do what the plan says: " + changes.get());
        }
        Optional<ObservedLink> link = facts.link().filter(any -> any.tunnel().isPresent());
        if (link.isEmpty()) {
            return Finding.skipped(Check.PARAMETERS, "there is no tunnel");
        }
        if (ParkedLocal.isParked(link.get())) {
            return Finding.fail(
                    Check.PARAMETERS,
                    Reason.ENDPOINT_CONFLICT,
                    "its local address "
                            + IpFamily.format(link.get().tunnel().orElseThrow().local())
                            + " is a place holder: it gave its endpoints to another tunnel, or to the fallback device",
                    "look at the status of its IpTunnel, which names the other one");
        }
        List<String> others = link.get().unmanaged().stream()
                .map(ObservedLink.UnmanagedSetting::text)
                .toList();
        if (!others.isEmpty()) {
            return Finding.warn(
                    Check.PARAMETERS,
                    "it has settings that the peer must have as well: " + String.join(", ", others),
                    "compare with ip -d link show on both ends");
        }
        Optional<String> small = planned.commands(InterfaceChecks::isNoOtherCheck);
        if (small.isPresent()) {
            return Finding.warn(Check.PARAMETERS, "a setting is not as it was asked for", small.get());
        }
        return Finding.ok(
                Check.PARAMETERS,
                facts.decision().isPresent()
                        ? "as they were asked for"
                        : "nothing to compare them with: give -f FILE to compare");
    }

    private static boolean remakes(Operation operation) {
        return operation instanceof AddTunnel || operation instanceof ChangeTunnel || operation instanceof DeleteTunnel;
    }

    /** Whether no other check looks at what the operation changes. */
    private static boolean isNoOtherCheck(Operation operation) {
        return switch (operation) {
            case AddTunnel _, ChangeTunnel _, DeleteTunnel _, AddAddress _, AddRoute _, AddConnectedRoute _ -> false;
            case SetLink set -> set.mtu().isEmpty() && set.up().isEmpty();
            default -> true;
        };
    }

    private String differences() {
        return facts.desired()
                .flatMap(desired ->
                        facts.link().flatMap(ObservedLink::tunnel).map(tunnel -> differences(desired, tunnel)))
                .filter(text -> !text.isEmpty())
                .orElse("the planner would make it anew");
    }

    private static String differences(DesiredTunnel desired, TunnelParameters tunnel) {
        return tunnel.differences(desired.parameters(tunnel.local(), tunnel.parent())).stream()
                .collect(Collectors.joining("; "));
    }

    private Finding vrf() {
        Optional<Finding> refused = planned.refusal(Reason.VRF_NOT_FOUND, Reason.VRF_DOWN)
                .map(refusal -> Finding.refused(Check.VRF, refusal));
        if (refused.isPresent()) {
            return refused.get();
        }
        Optional<Master> master = facts.link().flatMap(ObservedLink::master);
        if (master.isEmpty()) {
            return Finding.ok(Check.VRF, "it is in no VRF");
        }
        Master vrf = master.get();
        if (vrf.vrfTable().isEmpty()) {
            return Finding.warn(
                    Check.VRF,
                    "it is a port of " + vrf + ", which takes its packets",
                    "ip link set dev " + facts.name() + " nomaster, unless that is intended");
        }
        return vrf.up()
                ? Finding.ok(Check.VRF, "in the VRF " + vrf)
                : Finding.fail(
                        Check.VRF,
                        Reason.VRF_DOWN,
                        "the VRF " + vrf.name() + " is down and drops the tunnel's packets",
                        "ip link set dev " + vrf.name() + " up");
    }

    private Finding state() {
        Optional<ObservedLink> link = facts.link().filter(any -> any.tunnel().isPresent());
        if (link.isEmpty()) {
            return Finding.skipped(Check.STATE, "there is no tunnel");
        }
        if (facts.isMeantToBeDown()) {
            return link.get().up()
                    ? Finding.fail(
                            Check.STATE,
                            "it is up, and was asked to be down",
                            "ip link set dev " + facts.name() + " down")
                    : Finding.ok(Check.STATE, "down, as it was asked for: it carries no packets");
        }
        if (!link.get().up()) {
            return Finding.fail(
                    Check.STATE,
                    Reason.LINK_DOWN,
                    "interface " + facts.name() + " is down",
                    "ip link set dev " + facts.name() + " up");
        }
        String state = link.get().operState();
        return state.equals("UP") || state.equals("UNKNOWN")
                ? Finding.ok(Check.STATE, "up")
                : Finding.fail(
                        Check.STATE,
                        Reason.LINK_DOWN,
                        "interface " + facts.name() + " is up, but in state " + state,
                        "look at the interface below it");
    }
}
