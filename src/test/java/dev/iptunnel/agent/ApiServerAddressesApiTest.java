package dev.iptunnel.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.schedule.Clocks;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The agent knows the addresses of the API server's endpoints, with the rights of {@code deploy/base}. */
@Tag("api")
class ApiServerAddressesApiTest {
    @RegisterExtension
    final AgentOfNode1 agent = new AgentOfNode1(Duration.ofMillis(500), Clocks.system());

    private KubernetesClient admin() {
        return agent.deployed.admin();
    }

    @AfterEach
    void delete_the_slices() {
        admin().resource(slice("IPv4", "198.18.5.6")).delete();
        admin().resource(slice("IPv6", "3fff:5::6")).delete();
        admin().resource(empty()).delete();
    }

    /** The API server writes its list of endpoints as null. */
    private static EndpointSlice empty() {
        return new EndpointSliceBuilder(slice("IPv4", "198.18.5.6"))
                .editMetadata()
                .withName("kubernetes-empty")
                .endMetadata()
                .withEndpoints(List.of())
                .build();
    }

    private static EndpointSlice slice(String family, String address) {
        return new EndpointSliceBuilder()
                .withNewMetadata()
                .withName("kubernetes-" + family.toLowerCase(Locale.ROOT))
                .withNamespace("default")
                .withLabels(Map.of("kubernetes.io/service-name", "kubernetes"))
                .endMetadata()
                .withAddressType(family)
                .addNewEndpoint()
                .withAddresses(address)
                .endEndpoint()
                .build();
    }

    private Set<InetAddress> guarded() {
        return agent.kernel.guarded();
    }

    @Test
    void the_clients_address_and_the_endpoints_of_the_Service_are_guarded_as_they_change() {
        InetAddress four = InetAddress.ofLiteral("198.18.5.6");
        InetAddress six = InetAddress.ofLiteral("3fff:5::6");
        assertThat(guarded())
                .contains(InetAddress.ofLiteral(admin().getMasterUrl().getHost()));

        admin().resource(empty()).create();
        admin().resource(slice("IPv4", "198.18.5.6")).create();
        admin().resource(slice("IPv6", "3fff:5::6")).create();
        agent.await("both are guarded", () -> guarded().containsAll(Set.of(four, six)));

        admin().resource(slice("IPv4", "198.18.5.6")).delete();
        agent.await(
                "one is guarded", () -> guarded().contains(six) && !guarded().contains(four));
    }
}
