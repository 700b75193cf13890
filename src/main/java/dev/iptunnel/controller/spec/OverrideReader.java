package dev.iptunnel.controller.spec;

import dev.iptunnel.api.v1alpha1.set.NodeOverrideSpec;
import dev.iptunnel.set.AddressRanges;
import dev.iptunnel.set.NodeOverride;
import dev.iptunnel.tunnel.IpFamily;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Reads what is different on some nodes. The messages are those of the CRD's rules. */
final class OverrideReader {
    /** RFC 1123: a DNS subdomain. */
    private static final Pattern NODE_NAME =
            Pattern.compile("(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

    private final Findings findings;
    private final NetworkReader outer;
    private final NetworkReader inner;
    private final Set<InetAddress> innerAddresses = new HashSet<>();

    OverrideReader(Findings findings, NetworkReader outer, NetworkReader inner) {
        this.findings = findings;
        this.outer = outer;
        this.inner = inner;
    }

    /** By the names of the nodes. */
    Map<String, NodeOverride> read(List<NodeOverrideSpec> overrides, Optional<AddressRanges> pool, boolean perNode) {
        Map<String, NodeOverride> read = new TreeMap<>();
        for (int i = 0; i < overrides.size(); i++) {
            String field = "spec.nodeOverrides[" + i + "].";
            NodeOverrideSpec override = overrides.get(i);
            findings.require(
                    NODE_NAME.matcher(override.nodeName()).matches(),
                    field + "nodeName",
                    "write the name of a node as `kubectl get nodes` prints it");
            findings.require(
                    !perNode || override.networks().isEmpty(),
                    field + "networks",
                    "with topology PerNode no other node of the set routes to the networks behind a node: leave"
                            + " networks out");
            NodeOverride before = read.put(override.nodeName(), read(field, override, pool));
            findings.require(before == null, field + "nodeName", "a node is there twice: write one entry for it");
        }
        return read;
    }

    private NodeOverride read(String field, NodeOverrideSpec override, Optional<AddressRanges> pool) {
        Optional<InetAddress> innerAddress = Optional.ofNullable(override.innerAddress())
                .flatMap(text -> inner.address(field + "innerAddress", text));
        innerAddress.ifPresent(address -> {
            findings.require(
                    IpFamily.format(address).equals(override.innerAddress()),
                    field + "innerAddress",
                    "not how this address is written: write " + IpFamily.format(address));
            checkInner(field + "innerAddress", address, pool);
        });
        return new NodeOverride(
                Optional.ofNullable(override.outerAddress())
                        .flatMap(text -> outer.address(field + "outerAddress", text)),
                innerAddress,
                inner.networks(field + "networks", override.networks()),
                Boolean.TRUE.equals(override.exclude()));
    }

    private void checkInner(String field, InetAddress address, Optional<AddressRanges> pool) {
        if (pool.isEmpty()) {
            findings.add(
                    "spec.addressPool",
                    "an innerAddress is one of the pool: write addressPool with a network that contains it, or leave"
                            + " innerAddress out");
            return;
        }
        findings.require(
                pool.get().networks().stream().anyMatch(network -> network.contains(address)),
                field,
                "an innerAddress is in no network of the pool: write an address of addressPool.cidrs, or add its"
                        + " network there");
        findings.require(
                pool.get().excluded().stream().noneMatch(network -> network.contains(address)),
                field,
                "an innerAddress is excluded from the pool: write another one, or a smaller network in"
                        + " addressPool.excluded");
        findings.require(
                innerAddresses.add(address),
                field,
                "two nodes have the same innerAddress: write another one for one of them");
    }
}
