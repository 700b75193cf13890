package dev.iptunnel.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.iptunnel.libc.Squatter;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code iptunnel plan}, {@code apply} and {@code delete} on a node without Kubernetes, beside what ip(8) says. */
@Tag("kernel")
class CommandKernelTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    @TempDir
    Path folder = Path.of("");

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void a_tunnel_is_planned_created_shown_and_deleted(TunnelMode mode) throws IOException {
        String file = file("tun", mode, "");
        String before = state();

        Iptunnel planned = Iptunnel.expect(2, "plan -f " + file);
        assertThat(planned.out()).contains("tunnel add tun mode " + mode);
        assertThat(state()).isEqualTo(before);

        assertThat(Iptunnel.expect(0, "apply -f " + file).out()).startsWith("tun: created: ");
        assertThat(Iptunnel.expect(0, "apply -f " + file).out()).isEqualTo("tun: unchanged\n");
        assertThat(Iptunnel.expect(0, "plan -f " + file).out()).isEqualTo("tun: nothing to do\n");
        assertThat(Iptunnel.expect(0, "get -f " + file).out())
                .contains("cli/tun")
                .contains("InSync");
        assertAsIpSays(
                JSON.readTree(Iptunnel.expect(0, "get tun -o json").out()).get(0));

        assertThat(Iptunnel.expect(0, "delete tun").out()).startsWith("tun: deleted: ");
        assertThat(Iproute2.exists("tun")).isFalse();
        assertThat(Iptunnel.expect(0, "delete -f " + file).out()).isEqualTo("tun: not there\n");
    }

    private static void assertAsIpSays(JsonNode shown) throws IOException {
        JsonNode link =
                JSON.readTree(Iproute2.run("ip -d -s -j link show dev tun")).get(0);
        JsonNode data = link.at("/linkinfo/info_data");
        assertThat(shown.get("interface").asText()).isEqualTo("tun");
        assertThat(shown.get("ifindex")).isEqualTo(link.get("ifindex"));
        assertThat(shown.get("mtu")).isEqualTo(link.get("mtu"));
        assertThat(shown.get("operState")).isEqualTo(link.get("operstate"));
        assertThat(shown.get("alias")).isEqualTo(link.get("ifalias"));
        assertThat(shown.get("driver")).isEqualTo(link.at("/linkinfo/info_kind"));
        assertThat(shown.get("local")).isEqualTo(data.get("local"));
        assertThat(shown.get("remote")).isEqualTo(data.get("remote"));
        assertThat(shown.get("ttl")).isEqualTo(data.get("ttl"));
        assertThat(shown.get("parent")).isEqualTo(data.get("link"));
        assertThat(shown.at("/rx/packets").asLong())
                .isEqualTo(link.at("/stats64/rx/packets").asLong());
        assertThat(shown.at("/tx/bytes").asLong())
                .isEqualTo(link.at("/stats64/tx/bytes").asLong());
        assertThat(shown.at("/owner/kind").asText()).isEqualTo("cli");
    }

    @Test
    void a_change_that_interrupts_traffic_is_marked_and_a_change_in_place_is_not() throws IOException {
        Iptunnel.expect(0, "apply -f " + file("tun", TunnelMode.IPIP, ""));

        Iptunnel inPlace = Iptunnel.expect(2, "plan -f " + file("tun", TunnelMode.IPIP, "ttl: 9"));
        Iptunnel again = Iptunnel.expect(2, "plan -f " + file("tun", TunnelMode.SIT, ""));

        assertThat(inPlace.out()).doesNotContain("interrupts traffic");
        assertThat(again.out())
                .contains("which interrupts traffic")
                .contains("  # ")
                .contains("is removed and created again");
    }

    @Test
    void what_the_operator_refuses_is_refused_with_its_reason() throws IOException {
        String before = state();

        Iptunnel planned = Iptunnel.expect(3, "plan -f " + file("tun", TunnelMode.IPIP, "interfaceName: under1"));
        Iptunnel applied = Iptunnel.expect(3, "apply -f " + file("tun", TunnelMode.IPIP, "interfaceName: under1"));

        assertThat(planned.out()).startsWith("tun: refused: InterfaceNameConflict interface under1");
        assertThat(applied.out()).isEqualTo(planned.out());
        assertThat(state()).isEqualTo(before);
    }

    @Test
    void one_bad_document_does_not_stop_the_others() throws IOException {
        Path file = Path.of(file("tun", TunnelMode.IPIP, ""));
        Files.writeString(file, "kind: Nonsense\n---\n" + Files.readString(file));

        Iptunnel applied = Iptunnel.expect(1, "apply -f " + file + " --prune");

        assertThat(applied.err())
                .contains("document 1, line 1")
                .contains("nothing is pruned while a manifest has an error");
        assertThat(applied.out()).startsWith("tun: created");
    }

    @Test
    void a_tunnel_over_another_one_is_created_after_it() throws IOException {
        String inner =
                file("inner", TunnelMode.IPIP, "parent: outer\nlocal: 10.9.0.1\nremote: 10.9.0.2\naddresses: []");
        String outer = file("outer", TunnelMode.IPIP, "");

        assertThat(Iptunnel.expect(2, "plan -f " + inner + " -f " + outer).out())
                .contains("inner: to be made after its parent outer");
        assertThat(Iptunnel.expect(0, "apply -f " + inner + " -f " + outer).out())
                .contains("outer: created")
                .contains("inner: created");
    }

    @Test
    void prune_removes_what_no_file_has_any_more_and_nothing_without_an_IpTunnel() throws IOException {
        Path both = Files.createDirectory(folder.resolve("tunnels.d"));
        Path one = Files.move(Path.of(file("one", TunnelMode.IPIP, "")), both.resolve("one.yaml"));
        Files.move(Path.of(file("two", TunnelMode.SIT, "")), both.resolve("two.yaml"));
        Iptunnel.expect(0, "apply -f " + both + " --prune");
        Iproute2.batch("tunnel add hand mode ipip local 192.0.2.1 remote 192.0.2.77");

        Files.delete(one);
        assertThat(Iptunnel.expect(0, "apply -f " + both + " --prune").out()).contains("one: deleted");
        assertThat(Iproute2.exists("one")).isFalse();
        Files.delete(both.resolve("two.yaml"));
        assertThat(Iptunnel.expect(3, "apply -f " + both + " --prune").err()).contains("no IpTunnel at all");

        assertThat(Iproute2.exists("two")).isTrue();
        assertThat(Iproute2.exists("hand")).isTrue();
    }

    @Test
    void a_kept_tunnel_stays_as_it_is_without_its_mark() throws IOException {
        Iptunnel.expect(0, "apply -f " + file("tun", TunnelMode.IPIP, ""));
        JsonNode before = Iproute2.link("tun");

        assertThat(Iptunnel.expect(0, "delete tun --keep").out()).startsWith("tun: kept without its mark");

        assertThat(Iproute2.link("tun")).isEqualTo(before);
        assertThat(Iproute2.alias("tun")).isEmpty();
    }

    @Test
    void a_tunnel_is_found_by_an_alternative_name() {
        node.program(TunnelNode.tunnel("tun", TunnelMode.IPIP));
        Iproute2.batch("link property add dev tun altname to-the-other-site-in-berlin");

        assertThat(Iptunnel.expect(0, "get to-the-other-site-in-berlin -o ip").out())
                .contains("ip tunnel add tun ");
        assertThat(Iptunnel.expect(3, "delete to-the-other-site-in-berlin").out())
                .contains("tun");
        Iptunnel.expect(0, "delete to-the-other-site-in-berlin --force-cluster-owned");

        assertThat(Iproute2.exists("tun")).isFalse();
    }

    @Test
    void tunnels_of_others_and_fallback_devices_are_never_deleted() {
        Iproute2.batch("tunnel add hand mode ipip local 192.0.2.1 remote 192.0.2.77");

        assertThat(Iptunnel.expect(3, "delete hand --force-cluster-owned").out())
                .contains("was made by somebody else");
        assertThat(Iptunnel.expect(3, "delete tunl0 --force-cluster-owned").out())
                .contains("fallback device");
        assertThat(Iptunnel.expect(1, "delete nowhere").err()).contains("there is no such tunnel");

        assertThat(Iproute2.exists("hand")).isTrue();
    }

    @Test
    void a_cluster_s_tunnel_is_left_alone_unless_forced_and_keeps_its_mark() throws IOException {
        node.program(TunnelNode.tunnel("tun", TunnelMode.IPIP));
        String alias = Iproute2.alias("tun");
        String file = file("tun", TunnelMode.IPIP, "ttl: 9");

        assertThat(Iptunnel.expect(3, "plan -f " + file).out()).contains("whose agent will put it back");
        assertThat(Iptunnel.expect(3, "apply -f " + file).out()).contains("whose agent will put it back");
        assertThat(Iptunnel.expect(3, "delete tun").out()).contains("whose agent will put it back");
        assertThat(Iproute2.alias("tun")).isEqualTo(alias);
        assertThat(Iproute2.parameters("tun").get("ttl").asInt()).isEqualTo(64);

        assertThat(Iptunnel.expect(0, "apply --force-cluster-owned -f " + file).err())
                .contains("the agent will put it back when it runs");
        assertThat(Iproute2.parameters("tun").get("ttl").asInt()).isEqualTo(9);
        assertThat(Iproute2.alias("tun")).isEqualTo(alias);
        Iptunnel.expect(0, "delete --force-cluster-owned tun");
        assertThat(Iproute2.exists("tun")).isFalse();
    }

    @Test
    void who_holds_the_writers_lock_is_said_and_nothing_is_changed() throws IOException {
        String file = file("tun", TunnelMode.IPIP, "");
        Optional<WriterLock> lock = WriterLock.tryAcquire("the agent of node node9", _ -> {});
        try (WriterLock held = lock.orElseThrow()) {
            assertThat(held).isNotNull();

            Iptunnel applied = Iptunnel.expect(4, "apply -f " + file);
            Iptunnel deleted = Iptunnel.expect(4, "delete tun");

            assertThat(applied.err().lines())
                    .singleElement()
                    .asString()
                    .contains("which says \"the agent of node node9\"");
            assertThat(deleted.err()).isEqualTo(applied.err());
            assertThat(Iproute2.exists("tun")).isFalse();
        }
    }

    @Test
    void the_agent_holds_the_writers_lock_also_after_another_user_has_left_its_name() throws IOException {
        String file = file("tun", TunnelMode.IPIP, "");
        WriterLock lock;
        try (Squatter _ = Squatter.start(Squatter.Kind.LISTENS, Squatter.NOBODY, "iptunnel.dev/writer")) {
            lock = WriterLock.acquire("the agent of node node9", _ -> {});
        }
        try (lock) {
            assertThat(Iptunnel.expect(4, "apply -f " + file).err()).contains("which says \"the agent of node node9\"");
            assertThat(WriterLock.tryAcquire("another agent", _ -> {})).isEmpty();
        }
    }

    /** All that ip(8) shows of the namespace, but for counters. */
    private static String state() {
        return Stream.of("link", "address", "-4 route", "-6 route")
                .map(object -> "ip -d -j " + (object.startsWith("-") ? object + " show table all" : object + " show"))
                .map(Iproute2::run)
                .reduce("", String::concat);
    }

    /** A file with a manifest of that name; the fields replace those that every mode has. */
    private String file(String name, TunnelMode mode, String fields) throws IOException {
        boolean outer6 = mode.driver().outer() == IpFamily.IPV6;
        boolean inner6 = mode.inner() == IpFamily.IPV6;
        List<String> defaults = List.of(
                "local: " + (outer6 ? "2001:db8::1" : "192.0.2.1"),
                "remote: " + (outer6 ? "2001:db8::2" : "192.0.2.2"),
                "parent: under0",
                "addresses: [{address: \"" + (inner6 ? "fd09::1/64" : "10.9.0.1/30") + "\"}]");
        List<String> given = fields.lines().toList();
        Stream<String> spec = Stream.concat(
                Stream.of("nodeName: " + Iptunnel.NODE, "mode: " + mode),
                Stream.concat(
                        defaults.stream().filter(field -> given.stream()
                                .noneMatch(other -> key(other).equals(key(field)))),
                        given.stream()));
        Path file = folder.resolve(name + ".yaml");
        Files.writeString(
                file,
                "apiVersion: iptunnel.dev/v1alpha1\nkind: IpTunnel\nmetadata: {name: " + name + "}\nspec:\n"
                        + spec.map(line -> "  " + line + "\n").reduce("", String::concat));
        return file.toString();
    }

    private static String key(String field) {
        return field.substring(0, field.indexOf(':'));
    }
}
