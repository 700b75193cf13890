package dev.iptunnel.agent.spec;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.iptunnel.agent.Tunnels;
import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OuterEndpointsTest {
    private static IpTunnel tunnel(String fields) {
        IpTunnel tunnel = IpTunnels.tunnel("to-berlin", IpTunnels.spec("---\n{nodeName: node1, %s}", fields));
        tunnel.getMetadata().setUid("uid-of-it");
        return tunnel;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "mode: ipip, local: 'fd00::1', remote: 192.0.2.2 | spec.local: \"fd00::1\" is not an IPv4 address; mode ipip carries IPv4 in IPv4, so local and remote have to be IPv4 addresses or \"any\"",
                "mode: ipip6, local: 192.0.2.1, remote: 'fd00::2' | spec.local: \"192.0.2.1\" is not an IPv6 address; mode ipip6 carries IPv4 in IPv6, so local and remote have to be IPv6 addresses or \"any\"",
                "mode: sit, local: 192.0.2.1 | spec.remote: \"\" is not an IPv4 address; mode sit carries IPv6 in IPv4, so local and remote have to be IPv4 addresses or \"any\"",
                "mode: sit, local: 0.0.0.0, remote: 192.0.2.2 | spec.local: \"0.0.0.0\" is the unspecified address: write \"any\" if that is meant",
                "mode: ipip, local: 192.0.2.1, remote: 224.0.0.5 | spec.remote: \"224.0.0.5\" is a multicast or broadcast address: write the address of one host",
                "mode: ipip, local: 255.255.255.255, remote: 192.0.2.2 | spec.local: \"255.255.255.255\" is a multicast or broadcast address: write the address of one host",
                "mode: ip6ip6, local: 'ff02::5', remote: 'fd00::2' | spec.local: \"ff02::5\" is a multicast or broadcast address: write the address of one host",
                "mode: ip6ip6, local: '::1', remote: 'fd00::2' | spec.local: \"::1\" is the IPv6 loopback address, which the kernel does not accept for a tunnel: write another address",
                "mode: ip6ip6, local: 'fe80::1%eth0', remote: 'fd00::2' | spec.local: \"fe80::1%eth0\" is an address with a zone: write the address alone, and the interface as parent",
                "mode: ip6ip6, local: 'fe80::1', remote: 'fd00::2' | spec.parent: a link-local address is valid on one link only: write the interface of that link",
                "mode: ipip6, localFrom: {type: NodeAddress}, remote: 'fe80::2' | spec.parent: a link-local address is valid on one link only: write the interface of that link",
                "mode: ip6ip6, local: 'FD00:0::1', remote: 'fd00::1' | spec.remote: remote is the same address as local; write the address of the tunnel's other end",
                "mode: ipip, local: any, remote: any | spec: local and remote are \"any\" and there is no parent, which is what the kernel's own fallback device has: write an address for local or remote, or a parent",
                "mode: ipip, remote: 192.0.2.2 | spec.local: write an address of the node or \"any\", or write localFrom to have the address taken from an interface",
                "mode: ipip, local: any, localFrom: {type: NodeAddress}, remote: 192.0.2.2 | spec.localFrom: local already gives the address: leave one of the two out",
                "mode: ipip, localFrom: {type: Parent}, remote: 192.0.2.2 | spec.parent: localFrom takes the address of the parent: write the parent, or write localFrom with type Interface or NodeAddress",
                "mode: ipip, localFrom: {type: Parent, interfaceName: eth0}, parent: eth0, remote: 192.0.2.2 | spec.localFrom.interfaceName: only type Interface names an interface: write that type, or leave interfaceName out",
                "mode: ipip, localFrom: {type: Interface}, remote: 192.0.2.2 | spec.localFrom.interfaceName: write the interface that has the address",
                "mode: ipip, localFrom: {type: Interface, interfaceName: to-berlin}, remote: 192.0.2.2 | spec.localFrom.interfaceName: the tunnel's own interface has no outer address: write the interface that carries the outer packets",
                "mode: ipip, localFrom: {type: Dhcp}, remote: 192.0.2.2 | spec.localFrom.type: \"Dhcp\" is none of Parent, Interface, NodeAddress",
            })
    void refuses(String fields, String message) {
        // when
        var refused = assertThatExceptionOfType(InvalidSpecException.class)
                .isThrownBy(() -> Tunnels.READER.read(tunnel(fields)));

        // then
        refused.withMessage(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "mode: ipip, local: any, remote: any, parent: eth0",
                "mode: ipip, localFrom: {type: NodeAddress}, remote: any",
                "mode: ipip, local: 127.0.0.1, remote: 192.0.2.2",
                "mode: ipip, local: 169.254.0.1, remote: 192.0.2.2",
                "mode: ip6ip6, local: 'fe80::1', remote: 'fe80::2', parent: eth0",
                "mode: ipip, localFrom: {type: Interface, interfaceName: lo}, remote: 192.0.2.2",
                "mode: ipip, local: 192.0.2.1, remote: 192.0.2.2, parent: lo",
            })
    void reads(String fields) {
        // given
        IpTunnel tunnel = tunnel(fields);

        // when
        var reading = assertThatCode(() -> Tunnels.READER.read(tunnel));

        // then
        reading.doesNotThrowAnyException();
    }
}
