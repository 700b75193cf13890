package dev.iptunnel.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.errno.Errno;
import dev.iptunnel.libc.LibcException;
import dev.iptunnel.netlink.message.NetlinkException;
import dev.iptunnel.plan.Operation;
import dev.iptunnel.plan.Operation.AddAddress;
import dev.iptunnel.plan.Operation.AddRoute;
import dev.iptunnel.plan.Operation.AddTunnel;
import dev.iptunnel.plan.Operation.ChangeTunnel;
import dev.iptunnel.plan.Operation.DeleteTunnel;
import dev.iptunnel.plan.Operation.SetLink;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.tunnel.InnerAddress;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelDriver;
import dev.iptunnel.tunnel.TunnelMode;
import dev.iptunnel.tunnel.TunnelParameters;
import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KernelErrorsTest {
    private static Operation operation(String kind) {
        return switch (kind) {
            case "add ipip" -> new AddTunnel("t", parameters(TunnelMode.IPIP), Optional.empty(), 0);
            case "add sit" -> new AddTunnel("t", parameters(TunnelMode.SIT), Optional.empty(), 0);
            case "add ip6ip6" -> new AddTunnel("t", parameters(TunnelMode.IP6IP6), Optional.empty(), 0);
            case "change" -> new ChangeTunnel(7, "t", parameters(TunnelMode.SIT), Optional.empty());
            case "delete" -> new DeleteTunnel(7, "t", TunnelDriver.IPIP, "");
            case "set" -> new SetLink(OptionalInt.of(7), "t", Optional.empty(), OptionalInt.of(9), Optional.empty());
            case "add address" ->
                new AddAddress(
                        OptionalInt.of(7),
                        "t",
                        new InnerAddress(IpPrefix.parse(IpFamily.IPV6, "fd00::1/64"), Optional.empty()));
            case "add route" -> new AddRoute(OptionalInt.of(7), "t", route(Optional.empty()));
            case "add route by gateway" ->
                new AddRoute(OptionalInt.of(7), "t", route(Optional.of(IpFamily.IPV6.parse("fd00::2"))));
            default -> throw new IllegalArgumentException(kind);
        };
    }

    private static InnerRoute route(Optional<InetAddress> gateway) {
        return new InnerRoute(IpPrefix.parse(IpFamily.IPV6, "fd08::/48"), gateway, InnerRoute.MAIN_TABLE, 0);
    }

    private static TunnelParameters parameters(TunnelMode mode) {
        return new TunnelParameters(
                mode.driver(),
                mode.protocol(),
                mode.outer().any(),
                mode.outer().any(),
                3,
                64,
                OptionalInt.of(0),
                true,
                OptionalInt.empty(),
                OptionalInt.of(0));
    }

    @ParameterizedTest
    @CsvSource({
        "add ipip, 1, PERMISSION_DENIED",
        "change, 1, PERMISSION_DENIED",
        "delete, 1, PERMISSION_DENIED",
        "set, 1, PERMISSION_DENIED",
        "add address, 1, PERMISSION_DENIED",
        "add ipip, 19, MODULE_MISSING",
        "add sit, 19, MODULE_MISSING",
        "add ip6ip6, 19, MODULE_MISSING",
        "add ip6ip6, 95, MODULE_MISSING",
        "change, 19, KERNEL_ERROR",
        "delete, 19, KERNEL_ERROR",
        "add ipip, 17, ENDPOINT_CONFLICT",
        "add ip6ip6, 17, ENDPOINT_CONFLICT",
        "add sit, 17, ENDPOINT_CONFLICT",
        "add sit, 105, KERNEL_ERROR",
        "add ipip, 105, KERNEL_ERROR",
        "change, 17, ENDPOINT_CONFLICT",
        "change, 22, KERNEL_ERROR",
        "add address, 13, IPV6_DISABLED",
        "add address, 95, IPV6_DISABLED",
        "add address, 17, ADDRESS_CONFLICT",
        "add route, 17, ROUTE_CONFLICT",
        "add route, 13, IPV6_DISABLED",
        "add route, 95, IPV6_DISABLED",
        "add route, 101, KERNEL_ERROR",
        "add route by gateway, 101, GATEWAY_UNREACHABLE",
        "add route by gateway, 113, GATEWAY_UNREACHABLE",
        "add route by gateway, 22, GATEWAY_UNREACHABLE",
        "add route by gateway, 100, KERNEL_ERROR",
        "set, 22, KERNEL_ERROR",
    })
    void mean_to_a_user(String operation, int errno, Reason reason) {
        // given
        LibcException failure = new LibcException("SIOCXTUNNEL", new Errno(errno));

        // when
        KernelException exception = KernelErrors.of(operation(operation), failure);

        // then
        assertThat(exception.reason()).isEqualTo(reason);
        assertThat(exception.errno()).isEqualTo(new Errno(errno));
        assertThat(exception).hasCause(failure);
    }

    @ParameterizedTest
    @CsvSource({"add ipip, (ipip)", "add sit, (sit)", "add ip6ip6, (ip6_tunnel)"})
    void name_the_module_that_is_missing(String operation, String module) {
        // given
        LibcException failure = new LibcException("SIOCADDTUNNEL", Errno.ENODEV);

        // when
        KernelException exception = KernelErrors.of(operation(operation), failure);

        // then
        assertThat(exception).hasMessageStartingWith("SIOCADDTUNNEL t: ENODEV").hasMessageContaining(module);
    }

    @Test
    void of_a_read_carry_the_kernels_own_words() {
        // given
        NetlinkException failure =
                new NetlinkException("RTM_GETROUTE", Errno.EINVAL, Optional.of("Invalid flow"), Optional.empty());

        // when
        KernelException exception = KernelErrors.reading("t", failure);

        // then
        assertThat(exception.reason()).isEqualTo(Reason.KERNEL_ERROR);
        assertThat(exception).hasMessageContaining("RTM_GETROUTE t: EINVAL").hasMessageContaining("Invalid flow");
    }
}
