package dev.iptunnel.confirm;

import dev.iptunnel.observation.EgressPath;
import dev.iptunnel.plan.Operation;
import dev.iptunnel.plan.Operation.AddAddress;
import dev.iptunnel.plan.Operation.AddConnectedRoute;
import dev.iptunnel.plan.Operation.AddRoute;
import dev.iptunnel.plan.Operation.AddTunnel;
import dev.iptunnel.plan.Operation.ChangeTunnel;
import dev.iptunnel.plan.Operation.ClearInet6Conf;
import dev.iptunnel.plan.Operation.DeleteAddress;
import dev.iptunnel.plan.Operation.DeleteAlternativeName;
import dev.iptunnel.plan.Operation.DeleteRoute;
import dev.iptunnel.plan.Operation.DeleteTunnel;
import dev.iptunnel.plan.Operation.RenameLink;
import dev.iptunnel.plan.Operation.SetInetConf;
import dev.iptunnel.plan.Operation.SetLink;
import dev.iptunnel.plan.Operation.SetMaster;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.tunnel.InnerAddress;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpPrefix;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/** Which plans may change how the node reaches some addresses, and whether one did. */
public final class Hazard {
    private Hazard() {}

    /** Whether the plan adds or removes a route to one of the addresses, the routes of interface addresses among them. */
    public static boolean hasRouteTo(Plan plan, Collection<InetAddress> addresses) {
        return networks(plan).anyMatch(network -> addresses.stream().anyMatch(network::contains));
    }

    /** Whether the plan changes an interface that exists, so that packets which pass it may be lost. */
    public static boolean changesInterface(Plan plan) {
        return plan.operations().stream().anyMatch(Hazard::changesInterface);
    }

    /** Whether the plan changes an interface that one of the paths passes. */
    public static boolean isOnPath(Plan plan, Collection<EgressPath> paths) {
        return plan.operations().stream().filter(Hazard::changesInterface).anyMatch(operation -> paths.stream()
                .anyMatch(path -> path.passes(operation.name())));
    }

    /**
     * Whether the plans cannot be the reason if the addresses do not answer any more: they are reached as before, through
     * interfaces that the plans did not change.
     */
    public static boolean isBlameless(List<Plan> plans, List<EgressPath> before, List<EgressPath> after) {
        return before.equals(after) && plans.stream().noneMatch(plan -> isOnPath(plan, before));
    }

    private static Stream<IpPrefix> networks(Plan plan) {
        return plan.operations().stream().flatMap(operation -> switch (operation) {
            case AddRoute added -> Stream.of(added.route().destination());
            case DeleteRoute deleted -> Stream.of(deleted.route().destination());
            case AddConnectedRoute added -> Stream.of(added.route().destination());
            case AddAddress added -> networks(added.address());
            case DeleteAddress deleted -> networks(deleted.address());
            default -> Stream.empty();
        });
    }

    private static Stream<IpPrefix> networks(InnerAddress address) {
        return address.routes().stream().map(InnerRoute::destination);
    }

    private static boolean changesInterface(Operation operation) {
        return switch (operation) {
            case ChangeTunnel _, DeleteTunnel _, RenameLink _, SetMaster _, SetInetConf _ -> true;
            case SetLink set -> set.up().isPresent() || set.mtu().isPresent();
            case AddTunnel _,
                    ClearInet6Conf _,
                    DeleteAlternativeName _,
                    AddAddress _,
                    DeleteAddress _,
                    AddRoute _,
                    AddConnectedRoute _,
                    DeleteRoute _ -> false;
        };
    }
}
