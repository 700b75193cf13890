package dev.iptunnel.controller.reconcile;

import dev.iptunnel.controller.write.AddressStore;
import dev.iptunnel.set.TunnelSet;
import dev.iptunnel.set.address.AddressPool;
import dev.iptunnel.set.address.Allocations;
import dev.iptunnel.tunnel.IpFamily;
import java.util.Map;
import java.util.Optional;

/**
 * The inner addresses that a set goes by. A set that was deleted leaves them, so that one that is made again has the same; but
 * the next set of the name may have another pool.
 */
final class StoredAddresses {
    private StoredAddresses() {}

    /** Empty if they are to be made anew, from the tunnels that the set takes over. */
    static Optional<Map<String, String>> of(Optional<AddressStore.Stored> stored, TunnelSet set) {
        return stored.filter(addresses -> addresses.setUid().equals(set.uid()) || fit(addresses.data(), set))
                .map(AddressStore.Stored::data);
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
