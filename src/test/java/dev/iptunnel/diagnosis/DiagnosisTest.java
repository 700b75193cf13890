package dev.iptunnel.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class DiagnosisTest {
    private static final Optional<Traffic> NO_PACKETS = traffic(0, 0, 0);

    private static Optional<Traffic> traffic(long transmitted, long received, long dropped) {
        return traffic(transmitted, received, dropped, 0);
    }

    private static Optional<Traffic> traffic(long transmitted, long received, long dropped, long ipv6Sent) {
        TrafficSample zero = new TrafficSample(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        TrafficSample end = new TrafficSample(transmitted, received, 0, dropped, 0, 0, 0, 0, 0, 0, 0, 0, ipv6Sent, 0);
        return Optional.of(Traffic.of(Duration.ofSeconds(2), zero, end));
    }

    private static Diagnosis of(Consumer<FactsOfATunnel> fault) {
        return of(fault, NO_PACKETS);
    }

    private static Diagnosis of(Consumer<FactsOfATunnel> fault, Optional<Traffic> traffic) {
        FactsOfATunnel facts = new FactsOfATunnel();
        fault.accept(facts);
        return Diagnosis.of(facts.build(), traffic);
    }

    private static void assertCause(Diagnosis diagnosis, Check check) {
        assertThat(diagnosis.rootCause())
                .as(diagnosis.toString())
                .map(Finding::check)
                .contains(check);
    }

    @Test
    void each_check_has_one_finding_in_the_order_of_causes() {
        assertThat(of(_ -> {}).findings()).extracting(Finding::check).containsExactly(Check.values());
    }

    @Test
    void nothing_fails_of_a_healthy_tunnel_without_traffic() {
        Diagnosis diagnosis = of(_ -> {});

        assertThat(diagnosis.outcome()).as(diagnosis.toString()).isEqualTo(Result.OK);
        assertThat(diagnosis.summary()).isEqualTo("nothing failed");
        assertThat(diagnosis.findings().getLast().seen()).contains("no traffic was seen");
    }

    @Test
    void the_parent_explains_that_there_is_no_address_and_no_route() {
        assertCause(
                of(facts -> {
                    facts.parentUp = false;
                    facts.localPresent = false;
                    facts.routed = false;
                }),
                Check.PARENT);
    }

    @Test
    void the_local_address_explains_that_there_is_no_route() {
        Diagnosis diagnosis = of(facts -> {
            facts.localPresent = false;
            facts.routed = false;
        });

        assertCause(diagnosis, Check.LOCAL_ADDRESS);
        assertThat(diagnosis.findings(Result.FAIL)).hasSize(1);
    }

    @Test
    void a_rule_explains_that_there_is_no_route() {
        assertCause(
                of(facts -> {
                    facts.routed = false;
                    facts.mainRoute = Optional.of("dev eth0");
                }),
                Check.RULES);
    }

    @Test
    void everything_else_explains_that_no_packets_pass() {
        assertCause(of(facts -> facts.routed = false, traffic(0, 0, 9)), Check.ROUTE);
        assertCause(of(facts -> facts.outerMtu = 1400, traffic(9, 0, 0)), Check.MTU);
        assertCause(of(_ -> {}, traffic(9, 0, 0)), Check.TRAFFIC);
    }

    @Test
    void packets_out_and_in_are_no_failure_and_neither_are_packets_in_only() {
        assertThat(of(_ -> {}, traffic(9, 8, 0)).rootCause()).isEmpty();
        assertThat(of(_ -> {}, traffic(0, 8, 0)).rootCause()).isEmpty();
    }

    @Test
    void packets_of_ipv6_that_a_tunnel_for_ipv4_refuses_are_no_failure() {
        assertThat(of(_ -> {}, traffic(0, 0, 2, 2)).rootCause()).isEmpty();
        assertCause(of(_ -> {}, traffic(0, 0, 3, 2)), Check.TRAFFIC);
    }

    @Test
    void without_a_watch_the_counters_are_skipped() {
        assertThat(of(_ -> {}, Optional.empty()).findings().getLast().outcome()).isEqualTo(Result.SKIPPED);
    }

    @Test
    void a_warning_is_in_the_summary_if_nothing_failed() {
        Diagnosis diagnosis = new Diagnosis(
                "tun",
                List.of(
                        Finding.warn(Check.DETOURS, "a detour", "remove it"),
                        Finding.ok(Check.DRIVER, "the kernel has the driver ipip")));

        assertThat(diagnosis.outcome()).isEqualTo(Result.WARN);
        assertThat(diagnosis.summary()).isEqualTo("nothing failed; detours: a detour");
        assertThat(diagnosis.findings()).extracting(Finding::check).containsExactly(Check.DRIVER, Check.DETOURS);
    }
}
