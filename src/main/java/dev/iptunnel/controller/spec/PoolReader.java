package dev.iptunnel.controller.spec;

import dev.iptunnel.api.v1alpha1.set.AddressPoolSpec;
import dev.iptunnel.set.AddressRanges;
import dev.iptunnel.tunnel.IpPrefix;
import java.util.List;

/** Reads where inner addresses come from. The messages are those of the CRD's rules. */
final class PoolReader {
    private static final String FIELD = "spec.addressPool.";

    private final Findings findings;
    private final NetworkReader inner;

    PoolReader(Findings findings, NetworkReader inner) {
        this.findings = findings;
        this.inner = inner;
    }

    AddressRanges read(AddressPoolSpec pool) {
        List<IpPrefix> networks = inner.networks(FIELD + "cidrs", pool.cidrs());
        findings.require(!pool.cidrs().isEmpty(), FIELD + "cidrs", "write at least one network");
        findings.require(
                networks.stream().map(IpPrefix::address).allMatch(NetworkReader::isUnicast),
                FIELD + "cidrs",
                "not a network of addresses that a tunnel's interface can have: write one like 10.200.0.0/16 or"
                        + " fd00:200::/64");
        findings.require(
                networks.stream().allMatch(network -> networks.stream()
                        .allMatch(other -> other.equals(network) || !other.overlaps(network))),
                FIELD + "cidrs",
                "two networks overlap: leave out the one that is part of the other");
        List<IpPrefix> excluded = inner.networks(FIELD + "excluded", pool.excluded());
        findings.require(
                excluded.stream().allMatch(each -> networks.stream().anyMatch(network -> network.covers(each))),
                FIELD + "excluded",
                "a network that is not in the pool is excluded: leave it out, or write one that is part of cidrs");
        return new AddressRanges(networks, excluded);
    }
}
