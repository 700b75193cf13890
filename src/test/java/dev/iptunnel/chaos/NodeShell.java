package dev.iptunnel.chaos;

import dev.iptunnel.cluster.Cluster;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A bash of a node's own that takes one command after the other: it connects to the bridge of the test bed and stays, since
 * to start one for each command takes a User-Mode Linux longer than the operator takes to repair what it did.
 */
final class NodeShell implements AutoCloseable {
    private static final String BRIDGE = "10.77.0.254";
    private static final String END = "@@";
    private static final int PATIENCE_MILLISECONDS = 180_000;
    private static final String SNAPSHOT = "/run/chaos-snapshot";

    private final Socket socket;
    private final BufferedWriter commands;
    private final BufferedReader output;

    private NodeShell(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLISECONDS);
        commands = new BufferedWriter(new OutputStreamWriter(socket.getOutputStream(), StandardCharsets.UTF_8));
        output = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    static NodeShell open(Cluster cluster, String node) {
        try (ServerSocket server = new ServerSocket(0)) {
            server.setSoTimeout(PATIENCE_MILLISECONDS);
            cluster.script(
                    node,
                    "setsid bash -c 'exec bash 0<>/dev/tcp/" + BRIDGE + "/" + server.getLocalPort() + " 1>&0 2>&0' "
                            + "</dev/null >/dev/null 2>&1 &");
            NodeShell shell = new NodeShell(server.accept());
            shell.run("printf '%s\\n' '" + String.join("' '", NodeSnapshot.COMMANDS) + "' >" + SNAPSHOT);
            return shell;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a script printed; throws with that where it fails. */
    String run(String script) {
        Answer answer = ask("( set -e; " + script + " )");
        if (answer.code() != 0) {
            throw new IllegalStateException(script + ": " + answer.lines());
        }
        return String.join("\n", answer.lines());
    }

    /** As {@link #run}, for what may find its object gone. */
    boolean attempt(String script) {
        return tryToRead(script).isPresent();
    }

    /** As {@link #run}, and empty where it fails. */
    Optional<String> tryToRead(String script) {
        Answer answer = ask("( set -e; " + script + " )");
        return answer.code() == 0 ? Optional.of(String.join("\n", answer.lines())) : Optional.empty();
    }

    /** By an ip(8) that is started anew each time: a running one would know interfaces by names that they once had. */
    NodeSnapshot snapshot() {
        return NodeSnapshot.parse(
                ask("ip -d -j -batch " + SNAPSHOT + " 2>/dev/null").lines());
    }

    private record Answer(List<String> lines, int code) {}

    private synchronized Answer ask(String script) {
        try {
            commands.write("{ " + script + "; } </dev/null; printf '\\n" + END + "%d\\n' $?\n");
            commands.flush();
            List<String> lines = new ArrayList<>();
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (line.startsWith(END)) {
                    return new Answer(
                            lines.stream().filter(text -> !text.isEmpty()).toList(),
                            Integer.parseInt(line.substring(END.length())));
                }
                lines.add(line);
            }
            throw new IOException("the node closed the connection");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
