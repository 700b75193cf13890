package dev.iptunnel.api;

import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;

/** Events as an agent writes them. */
final class AgentEvents {
    private AgentEvents() {}

    /** An Event on the tunnel that has the name of the node. */
    static Event ofAgentOn(String node, String namespace) {
        return new EventBuilder()
                .withNewMetadata()
                .withGenerateName("rights-")
                .withNamespace(namespace)
                .endMetadata()
                .withNewEventTime("2026-01-02T03:04:05.000000Z")
                .withReportingController("iptunnel.dev/agent")
                .withReportingInstance(node)
                .withAction("Program")
                .withReason("TunnelCreated")
                .withType("Normal")
                .withNote("a tunnel was made")
                .withNewRegarding()
                .withApiVersion("iptunnel.dev/v1alpha1")
                .withKind("IpTunnel")
                .withName(node)
                .endRegarding()
                .build();
    }
}
