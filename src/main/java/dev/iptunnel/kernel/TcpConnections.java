package dev.iptunnel.kernel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The TCP connections of a network namespace, whichever program has them: {@code /proc/net/tcp} and {@code tcp6} of proc(5),
 * {@code tcp4_seq_show} of the kernel's sources.
 *
 * @param folder that has both files
 * @param order of the bytes of each 32-bit word of an address, which the kernel prints as a number of the machine
 */
public record TcpConnections(Path folder, ByteOrder order) {
    private static final List<String> TABLES = List.of("tcp", "tcp6");
    private static final String ESTABLISHED = "01";
    private static final int LOCAL = 1;
    private static final int REMOTE = 2;
    private static final int STATE = 3;
    private static final int HEX = 16;
    private static final int WORD_DIGITS = 8;

    /** Those of the network namespace of this process. */
    public static TcpConnections ofThisNode() {
        return new TcpConnections(Path.of("/proc/net"), ByteOrder.nativeOrder());
    }

    /** The address of this end, and the other end. */
    public record Connection(InetAddress local, InetSocketAddress remote) {}

    /** Both ends, {@code ADDRESS:PORT} in hexadecimal digits. */
    private record Line(String local, String remote) {
        int remotePort() {
            return Integer.parseInt(remote, remote.indexOf(':') + 1, remote.length(), HEX);
        }
    }

    /**
     * The established connections to one of these ports, without those to an address of this network namespace. None where
     * the tables are hidden.
     */
    public Set<Connection> to(Set<Integer> ports) {
        Set<InetAddress> own = new HashSet<>();
        Set<Connection> connections = new HashSet<>();
        TABLES.stream().flatMap(this::established).forEach(line -> {
            InetAddress local = address(line.local());
            own.add(local);
            if (ports.contains(line.remotePort())) {
                connections.add(
                        new Connection(local, new InetSocketAddress(address(line.remote()), line.remotePort())));
            }
        });
        connections.removeIf(connection -> own.contains(connection.remote().getAddress())
                || connection.remote().getAddress().isLoopbackAddress());
        return connections;
    }

    private Stream<Line> established(String table) {
        try (Stream<String> lines = Files.lines(folder.resolve(table), StandardCharsets.ISO_8859_1)) {
            return lines
                    .map(line -> line.strip().split("\\s+", STATE + 2))
                    .filter(fields -> fields.length > STATE && fields[STATE].equals(ESTABLISHED))
                    .map(fields -> new Line(fields[LOCAL], fields[REMOTE]))
                    .toList()
                    .stream();
        } catch (IOException | UncheckedIOException hidden) {
            return Stream.empty();
        }
    }

    /** An IPv4-mapped address becomes an IPv4 address. */
    private InetAddress address(String end) {
        int length = end.indexOf(':');
        ByteBuffer bytes = ByteBuffer.allocate(length / 2).order(order);
        for (int at = 0; at < length; at += WORD_DIGITS) {
            bytes.putInt(HexFormat.fromHexDigits(end, at, at + WORD_DIGITS));
        }
        try {
            return InetAddress.getByAddress(bytes.array());
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(end, e);
        }
    }
}
