package dev.iptunnel.kernel;

import java.util.ArrayList;
import java.util.List;

/** Packets that {@link Peer}'s end of the tunnel, {@code far}, sends to change the node's routes. */
final class FarEnd {
    /** Internet checksum; ICMPv6's pseudo header is given to it too. */
    private static final String CHECKSUM =
            """
            sub checksum {
              my $sum = 0;
              $sum += $_ for unpack("n*", shift);
              $sum = ($sum & 0xffff) + ($sum >> 16) while $sum >> 16;
              return pack("n", ~$sum & 0xffff);
            }
            """;

    /** ICMPv6 type 134 (RFC 4861) from a raw socket: a router for half an hour, and the prefix 2001:db8:bad::/64. */
    private static final String ADVERTISE =
            """
            my $index = $ARGV[0];
            socket(my $s, AF_INET6, SOCK_RAW, 58) or die "socket: $!";
            setsockopt($s, 41, 18, pack("i", 255)) or die "hops: $!";
            setsockopt($s, 41, 17, pack("i", $index)) or die "interface: $!";
            bind($s, pack_sockaddr_in6(0, inet_pton(AF_INET6, "fe80::2"), $index)) or die "bind: $!";
            my $prefix = pack("CCCCNNN", 3, 4, 64, 0xc0, 3600, 3600, 0) . inet_pton(AF_INET6, "2001:db8:bad::");
            my $message = pack("CCnCCnNN", 134, 0, 0, 64, 0, 1800, 0, 0) . $prefix;
            send($s, $message, 0, pack_sockaddr_in6(0, inet_pton(AF_INET6, "ff02::1"), $index)) or die "send: $!";
            """;

    /** ICMP type 5 (RFC 792), with an echo reply of the node's in it. */
    private static final String REDIRECT4 = CHECKSUM
            + """
            my ($router, $gateway, $destination) = @ARGV;
            my $header = sub {
              my ($from, $to, $data) = @_;
              my $ip = pack("CCnnnCCna4a4", 0x45, 0, 20 + length $data, 7, 0, 64, 1, 0, inet_aton($from), inet_aton($to));
              substr($ip, 10, 2) = checksum($ip);
              return $ip . $data;
            };
            my $cause = $header->("10.9.0.1", $destination, pack("CCnnn", 0, 0, 0xffff, 0, 0));
            my $redirect = pack("CCna4", 5, 1, 0, inet_aton($gateway)) . $cause;
            substr($redirect, 2, 2) = checksum($redirect);
            socket(my $s, AF_INET, SOCK_RAW, 255) or die "socket: $!";
            send($s, $header->($router, "10.9.0.1", $redirect), 0, pack_sockaddr_in(0, inet_aton("10.9.0.1")))
              or die "send: $!";
            """;

    /** ICMPv6 type 137 (RFC 4861), with an echo request of the node's in it. */
    private static final String REDIRECT6 = CHECKSUM
            + """
            my ($router, $gateway, $destination) = map { inet_pton(AF_INET6, $_) } @ARGV;
            my $node = inet_pton(AF_INET6, "fd09::1");
            my $cause = pack("NnCCa16a16", 0x60000000, 8, 58, 64, $node, $destination) . pack("CCnnn", 128, 0, 0, 1, 1);
            my $redirect = pack("CCnN", 137, 0, 0, 0) . $gateway . $destination . pack("CCnN", 4, 7, 0, 0) . $cause;
            substr($redirect, 2, 2) = checksum($router . $node . pack("NN", length $redirect, 58) . $redirect);
            my $packet = pack("NnCCa16a16", 0x60000000, length $redirect, 58, 255, $router, $node) . $redirect;
            socket(my $s, AF_INET6, SOCK_RAW, 255) or die "socket: $!";
            send($s, $packet, 0, pack_sockaddr_in6(0, $node)) or die "send: $!";
            """;

    private FarEnd() {}

    /** Sends a router advertisement out of the tunnel. */
    static void advertise() {
        Peer.run("address replace fe80::2/64 dev far nodad");
        perl(ADVERTISE, Iproute2.ifindexIn(Peer.NAMESPACE, "far"));
    }

    /** Says, in the name of that router, that there is a better gateway to the destination. */
    static void redirect(String router, String gateway, String destination) {
        perl(destination.contains(":") ? REDIRECT6 : REDIRECT4, router, gateway, destination);
    }

    private static void perl(String program, String... arguments) {
        List<String> command =
                new ArrayList<>(List.of("ip", "netns", "exec", Peer.NAMESPACE, "perl", "-MSocket=:all", "-e", program));
        command.addAll(List.of(arguments));
        Iproute2.run(command);
    }
}
