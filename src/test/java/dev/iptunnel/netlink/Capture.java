package dev.iptunnel.netlink;

import dev.iptunnel.netlink.message.NetlinkMessage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Datagrams captured from a netlink socket. The first line of the fixture says how they were made. */
public record Capture(List<byte[]> sent, List<byte[]> received) {
    public static Capture of(String name) {
        List<StringBuilder> sent = new ArrayList<>();
        List<StringBuilder> received = new ArrayList<>();
        StringBuilder current = new StringBuilder();
        for (String line : read(name).lines().toList()) {
            if (line.startsWith("> ") || line.startsWith("< ")) {
                current = new StringBuilder();
                (line.startsWith(">") ? sent : received).add(current);
            }
            if (!line.startsWith("#")) {
                current.append(line.substring(2));
            }
        }
        return new Capture(bytes(sent), bytes(received));
    }

    /** The first message that was received. */
    public NetlinkMessage answer() {
        return NetlinkMessage.split(received.getFirst()).getFirst();
    }

    private static List<byte[]> bytes(List<StringBuilder> hex) {
        return hex.stream().map(digits -> HexFormat.of().parseHex(digits)).toList();
    }

    private static String read(String name) {
        try (InputStream file = Capture.class.getResourceAsStream(name + ".hex")) {
            if (file == null) {
                throw new IllegalArgumentException("no capture " + name);
            }
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
