package dev.iptunnel.controller.reconcile;

import dev.iptunnel.controller.write.AddressStore;
import dev.iptunnel.set.TunnelSet;
import dev.iptunnel.set.address.AddressPool;
import dev.iptunnel.set.address.Allocations;
import dev.iptunnel.set.pass.PassPlan;
import dev.iptunnel.tunnel.IpFamily;
import java.util.Map;
import java.util.Optional;

/**
 * The inner addresses that a set goes by. A set that was deleted without its tunnels leaves them, so that one that is made again
 * has the same; but the next set of the name may have another pool.
 */
final class StoredAddresses {
    private StoredAddresses() {}

    /** Empty if they are to be made anew, from the tunnels that the set takes over. */
    static Optional<Map<String, String>> of(Optional<AddressStore.Stored> stored, TunnelSet set) {
        return stored.filter(addresses -> isOf(set, addresses) || fit(addresses.data(), set))
                .map(AddressStore.Stored::data);
    }

    /** What is to be stored: what the plan changes, and all that a deleted set left. */
    static Optional<Allocations> toBeStored(PassPlan plan, Optional<AddressStore.Stored> stored) {
        return plan.addresses().or(() -> stored.filter(addresses -> !isOf(plan.set(), addresses))
                .map(_ -> plan.allocations()));
    }

    /** Whether the addresses lost their owner, or have another one; as {@link PassPlan#takesOver} of tunnels. */
    static boolean areTakenOver(PassPlan plan, Optional<AddressStore.Stored> stored) {
        return stored.filter(addresses -> !isOf(plan.set(), addresses)).isPresent();
    }

    private static boolean isOf(TunnelSet set, AddressStore.Stored stored) {
        return stored.owner().filter(set.uid()::equals).isPresent();
    }

    private static boolean fit(Map<String, String> data, TunnelSet set) {
        IpFamily family = set.template().mode().inner();
        Allocations.Parsed parsed = Allocations.parse(family, data);
        return parsed.errors().isEmpty()
                && set.pool().map(ranges -> new AddressPool(family, ranges)).stream()
                        .allMatch(pool -> parsed.allocations().addresses().values().stream()
                                .allMatch(pool::contains));
    }
}
