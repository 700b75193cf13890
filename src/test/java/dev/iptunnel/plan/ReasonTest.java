package dev.iptunnel.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The texts are a public contract: scripts and alerts match them. */
class ReasonTest {
    @Test
    void is_spelled_as_conditions_and_events_carry_it() {
        // when
        List<String> texts =
                Arrays.stream(Reason.values()).map(Reason::toString).toList();

        // then
        assertThat(texts)
                .containsExactlyInAnyOrder(
                        "InterfaceNameConflict",
                        "EndpointConflict",
                        "FallbackInUse",
                        "AddressConflict",
                        "RouteConflict",
                        "RouteWouldIsolateNode",
                        "GatewayUnreachable",
                        "InvalidSpec",
                        "Paused",
                        "ParentNotFound",
                        "VrfNotFound",
                        "LocalAddressNotFound",
                        "IPv6Disabled",
                        "ModuleMissing",
                        "PermissionDenied",
                        "Contended",
                        "KernelError",
                        "LinkDown",
                        "ParentDown",
                        "VrfDown",
                        "NoRouteToRemote",
                        "RouteLoop",
                        "ReversePathFilterOverridden");
    }

    @Test
    void stalls_where_no_retry_can_help_until_somebody_acts() {
        // when
        List<Reason> stalling =
                Arrays.stream(Reason.values()).filter(Reason::stalls).toList();

        // then
        assertThat(stalling)
                .containsExactlyInAnyOrder(
                        Reason.INTERFACE_NAME_CONFLICT,
                        Reason.ENDPOINT_CONFLICT,
                        Reason.FALLBACK_IN_USE,
                        Reason.ADDRESS_CONFLICT,
                        Reason.ROUTE_CONFLICT,
                        Reason.ROUTE_WOULD_ISOLATE_NODE,
                        Reason.GATEWAY_UNREACHABLE,
                        Reason.INVALID_SPEC,
                        Reason.ROUTE_LOOP,
                        Reason.REVERSE_PATH_FILTER_OVERRIDDEN);
    }

    @Test
    void is_a_reason_that_the_api_server_takes() {
        // when
        List<String> texts =
                Arrays.stream(Reason.values()).map(Reason::toString).toList();

        // then
        assertThat(texts).allMatch(text -> text.matches("[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?"));
    }
}
