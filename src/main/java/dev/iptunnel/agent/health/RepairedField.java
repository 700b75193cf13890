package dev.iptunnel.agent.health;

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
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What of a tunnel others changed, by what the repair did. */
enum RepairedField {
    /** It was not there, or another one was. Its mark, addresses and routes go with it and do not count apart. */
    INTERFACE,
    NAME,
    PARAMETERS,
    MTU,
    /** Up or down. */
    STATE,
    MARK,
    VRF,
    /** A setting of IPv4 or IPv6, such as rp_filter. */
    SETTING,
    ADDRESS,
    ROUTE;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What these plans of one repair restored. */
    static Set<RepairedField> of(Collection<Plan> plans) {
        Set<RepairedField> fields = EnumSet.noneOf(RepairedField.class);
        plans.forEach(plan -> plan.operations().forEach(operation -> fields.addAll(of(operation))));
        return fields.contains(INTERFACE) ? EnumSet.of(INTERFACE) : fields;
    }

    private static Collection<RepairedField> of(Operation operation) {
        return switch (operation) {
            case AddTunnel _, DeleteTunnel _ -> List.of(INTERFACE);
            case RenameLink _, DeleteAlternativeName _ -> List.of(NAME);
            case ChangeTunnel _ -> List.of(PARAMETERS);
            case SetLink set -> of(set);
            case SetMaster _ -> List.of(VRF);
            case SetInetConf _, ClearInet6Conf _ -> List.of(SETTING);
            case AddAddress _, DeleteAddress _ -> List.of(ADDRESS);
            case AddRoute _, DeleteRoute _, AddConnectedRoute _ -> List.of(ROUTE);
        };
    }

    private static Set<RepairedField> of(SetLink set) {
        Set<RepairedField> fields = EnumSet.noneOf(RepairedField.class);
        set.alias().ifPresent(_ -> fields.add(MARK));
        set.mtu().ifPresent(_ -> fields.add(MTU));
        set.up().ifPresent(_ -> fields.add(STATE));
        return fields;
    }
}
