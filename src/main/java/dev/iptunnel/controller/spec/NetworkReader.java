package dev.iptunnel.controller.spec;

import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Reads addresses and networks of one family. The messages are those of the CRD's rules. */
final class NetworkReader {
    private static final byte[] BROADCAST = {-1, -1, -1, -1};

    private final Findings findings;
    private final IpFamily family;
    private final String because;

    /** @param because begins the message if an address has the other family, such as {@code mode sit carries IPv6} */
    NetworkReader(Findings findings, IpFamily family, String because) {
        this.findings = findings;
        this.family = family;
        this.because = because;
    }

    /** The networks that can be read; a finding for each other one. */
    List<IpPrefix> networks(String field, List<String> texts) {
        List<IpPrefix> read = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            network(field + "[" + i + "]", texts.get(i)).ifPresent(read::add);
        }
        findings.require(
                read.stream().distinct().count() == read.size(),
                field,
                "a network is there twice: leave one of the two out");
        return read;
    }

    private Optional<IpPrefix> network(String field, String text) {
        try {
            IpPrefix network = IpPrefix.parse(family, text).network();
            findings.require(
                    text.equals(network.toString()), field, "not how this network is written: write " + network);
            return Optional.of(network);
        } catch (IllegalArgumentException e) {
            findings.add(
                    field,
                    isOtherFamily(text)
                            ? because + ", so write " + family + " networks, like " + exampleNetwork()
                            : "\"" + text + "\" is no network with its prefix length: write one like "
                                    + exampleNetwork());
            return Optional.empty();
        }
    }

    /** The address of one host; else empty, and a finding. */
    Optional<InetAddress> address(String field, String text) {
        try {
            InetAddress address = family.parse(text);
            findings.require(
                    isUnicast(address),
                    field,
                    "\"" + text + "\" is not an address that a tunnel can have: write one like " + exampleAddress());
            return Optional.of(address);
        } catch (IllegalArgumentException e) {
            findings.add(
                    field,
                    isOtherFamily(text)
                            ? because + ", so write an " + family + " address, like " + exampleAddress()
                            : "\"" + text + "\" is no address: write one like " + exampleAddress());
            return Optional.empty();
        }
    }

    private static boolean isOtherFamily(String text) {
        return IpFamily.literal(text.replaceFirst("/[0-9]+$", "")).isPresent() && text.matches("[0-9a-fA-F:./]+");
    }

    /** Whether it is what the CRD's rules call a global unicast address; a private one is. */
    static boolean isUnicast(InetAddress address) {
        return !address.isAnyLocalAddress()
                && !address.isLoopbackAddress()
                && !address.isLinkLocalAddress()
                && !address.isMulticastAddress()
                && !Arrays.equals(address.getAddress(), BROADCAST);
    }

    private String exampleNetwork() {
        return family == IpFamily.IPV4 ? "10.9.0.0/16" : "fd00:9::/48";
    }

    private String exampleAddress() {
        return family == IpFamily.IPV4 ? "198.51.100.7" : "2001:db8::7";
    }
}
