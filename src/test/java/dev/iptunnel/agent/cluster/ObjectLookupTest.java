package dev.iptunnel.agent.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.cluster.ObjectLookup.Presence;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectLookupTest {
    private final FakeApiServer api = new FakeApiServer();

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void object_is_gone_if_a_NotFound_Status_names_it() {
        // given
        api.gone("x");

        // when
        Presence presence = api.lookup().presence("x");

        // then
        assertThat(presence).isEqualTo(new Presence.Gone());
    }

    @Test
    void object_is_present_with_its_uid_and_node() {
        // given
        api.present("x", "uid-1", "node2");

        // when
        Presence presence = api.lookup().presence("x");

        // then
        assertThat(presence).isEqualTo(new Presence.Present("uid-1", "node2"));
    }

    @ParameterizedTest
    @CsvSource({"example.com, iptunnels, x", "iptunnel.dev, iptunnelsets, x", "iptunnel.dev, iptunnels, y", "'', '', x"
    })
    void a_Status_about_something_else_proves_nothing(String group, String kind, String name) {
        // given
        api.answer("x", 404, FakeApiServer.notFound(group, kind, name));

        // when
        Presence presence = api.lookup().presence("x");

        // then
        assertThat(presence).isInstanceOf(Presence.Unknown.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "404 page not found\n",
                "",
                "{}",
                "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"reason\":\"NotFound\",\"code\":404}",
                "<html>not found</html>",
            })
    void a_404_that_does_not_name_the_object_proves_nothing(String body) {
        // given
        api.answer("x", 404, body);

        // when
        Presence presence = api.lookup().presence("x");

        // then
        assertThat(presence).isInstanceOf(Presence.Unknown.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403, 410, 500, 502, 503, 504})
    void any_other_answer_proves_nothing_even_if_it_names_the_object(int code) {
        // given
        api.answer("x", code, FakeApiServer.notFound("iptunnel.dev", "iptunnels", "x"));

        // when
        Presence presence = api.lookup().presence("x");

        // then
        assertThat(presence).isInstanceOf(Presence.Unknown.class);
    }

    @Test
    void an_unreachable_API_server_proves_nothing() {
        // given
        api.stop();

        // when
        Presence presence = api.lookup().presence("x");

        // then
        assertThat(presence).isInstanceOf(Presence.Unknown.class);
    }

    @Test
    void a_name_that_no_object_can_have_matches_no_other_object() {
        // given
        api.gone("x");

        // when
        Presence presence = api.lookup().presence("x?pretty");

        // then
        assertThat(presence).isInstanceOf(Presence.Unknown.class);
    }

    @ParameterizedTest
    @CsvSource({"404", "200"})
    void a_truncated_answer_proves_nothing(int code) {
        // given
        api.answer("x", code, "{\"kind\":\"Status\",");

        // when
        Presence presence = api.lookup().presence("x");

        // then
        assertThat(presence).isInstanceOf(Presence.Unknown.class);
    }
}
