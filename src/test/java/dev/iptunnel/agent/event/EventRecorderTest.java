package dev.iptunnel.agent.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.Tunnels;
import dev.iptunnel.kernel.NetworkConfigurators;
import dev.iptunnel.observation.ConnectedRoute;
import dev.iptunnel.observation.Inet6Setting;
import dev.iptunnel.observation.RouteDetails.Kind;
import dev.iptunnel.plan.Operation;
import dev.iptunnel.plan.Operation.AddAddress;
import dev.iptunnel.plan.Operation.AddConnectedRoute;
import dev.iptunnel.plan.Operation.AddRoute;
import dev.iptunnel.plan.Operation.ClearInet6Conf;
import dev.iptunnel.plan.Operation.SetLink;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.schedule.Clocks;
import dev.iptunnel.tunnel.InnerAddress;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** The Event of a repair on a node where systemd-networkd seems to run. */
class EventRecorderTest {
    private static final String NETWORKD =
            """
            sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode
            000000004dbe070c 0   697        800405dd 0        0        0     2        0        94
            """;

    private static final String HINT = "systemd-networkd or NetworkManager seems to run";
    private static final IpPrefix NETWORK = IpPrefix.parse(IpFamily.IPV4, "10.9.0.0/30");

    static final List<Operation> TYPICAL = List.of(
            new AddAddress(
                    OptionalInt.of(7),
                    "tun",
                    new InnerAddress(IpPrefix.parse(IpFamily.IPV4, "10.9.0.1/30"), Optional.empty())),
            new AddRoute(OptionalInt.of(7), "tun", new InnerRoute(NETWORK, Optional.empty(), InnerRoute.MAIN_TABLE, 0)),
            new AddConnectedRoute(
                    7, "tun", new ConnectedRoute(Kind.UNICAST, NETWORK, InnerRoute.MAIN_TABLE, 0, Optional.empty())),
            new ClearInet6Conf(OptionalInt.of(7), "tun", Inet6Setting.ACCEPT_RA));

    private final KubernetesMockServer server = new KubernetesMockServer(false);
    private final BlockingQueue<String> created = new LinkedBlockingQueue<>();
    private KubernetesClient client;
    private EventRecorder recorder;

    @BeforeEach
    void start(@TempDir Path folder) throws IOException {
        server.init();
        server.expect()
                .post()
                .withPath("/apis/events.k8s.io/v1/namespaces/default/events")
                .andReply(HttpURLConnection.HTTP_CREATED, request -> {
                    created.add(request.getBody().readUtf8());
                    return "{}";
                })
                .always();
        client = server.createClient();
        Path table = Files.writeString(folder.resolve("netlink"), NETWORKD);
        recorder = new EventRecorder(
                client, Tunnels.NODE, Clocks.system(), new NetworkConfigurators(table), () -> false, _ -> {});
    }

    @AfterEach
    void close() {
        recorder.close();
        client.close();
        server.destroy();
    }

    private String repaired(Operation operation) throws InterruptedException {
        recorder.repaired(Tunnels.ipip("tun"), new Plan(List.of(operation)));
        return Optional.ofNullable(created.poll(30, TimeUnit.SECONDS)).orElseThrow();
    }

    @ParameterizedTest
    @FieldSource("TYPICAL")
    void a_repair_of_what_a_configurator_changes_names_it(Operation operation) throws InterruptedException {
        assertThat(repaired(operation)).contains(HINT).contains(operation.toString());
    }

    @Test
    void another_repair_names_none() throws InterruptedException {
        SetLink mtu = new SetLink(OptionalInt.of(7), "tun", Optional.empty(), OptionalInt.of(1400), Optional.empty());

        assertThat(repaired(mtu)).doesNotContain(HINT).contains(mtu.toString());
    }
}
