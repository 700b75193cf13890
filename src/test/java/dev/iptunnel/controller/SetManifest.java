package dev.iptunnel.controller;

/**
 * The manifest of an IpTunnelSet of all Nodes of a {@link ControlledCluster}, without waiting times.
 *
 * @param annotations as in a YAML map
 * @param pool networks, separated by commas; empty: the set has none
 * @param rollout fields of {@code spec.rollout}
 * @param template fields of {@code spec.template.spec}
 */
record SetManifest(String name, String annotations, String topology, String pool, String rollout, String template) {
    /** A mesh with the addresses of 10.200.0.0/24. */
    static SetManifest mesh(String name) {
        return new SetManifest(name, "", "Mesh", "10.200.0.0/24", "maxUnavailable: 100%", "ttl: 64");
    }

    /** One tunnel a node to 198.51.100.1. */
    static SetManifest perNode(String name) {
        return new SetManifest(
                name,
                "",
                "PerNode",
                "",
                "maxUnavailable: 100%",
                "ttl: 64, localFrom: {type: NodeAddress}, remote: 198.51.100.1");
    }

    SetManifest annotated(String key, String value) {
        return new SetManifest(name, key + ": '" + value + "'", topology, pool, rollout, template);
    }

    SetManifest pool(String networks) {
        return new SetManifest(name, annotations, topology, networks, rollout, template);
    }

    SetManifest rollout(String fields) {
        return new SetManifest(name, annotations, topology, pool, fields, template);
    }

    SetManifest template(String fields) {
        return new SetManifest(name, annotations, topology, pool, rollout, fields);
    }

    String yaml() {
        return yaml("true", 0);
    }

    /** With another value of the label that selects nodes, or another time for nodes that leave. */
    String yaml(String label, int leaveSeconds) {
        return """
                apiVersion: iptunnel.dev/v1alpha1
                kind: IpTunnelSet
                metadata: {name: %s, annotations: {%s}}
                spec:
                  nodeSelector: {matchLabels: {iptunnel.dev/test: "%s"}}
                  topology: {type: %s}
                  leaveSeconds: %d
                  %s
                  rollout: {minReadySeconds: 0, %s}
                  template: {spec: {mode: ipip, %s}}
                """
                .formatted(
                        name,
                        annotations,
                        label,
                        topology,
                        leaveSeconds,
                        pool.isEmpty() ? "" : "addressPool: {cidrs: [" + pool + "]}",
                        rollout,
                        template);
    }
}
