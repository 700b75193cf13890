package dev.iptunnel.kernel;

import dev.iptunnel.cli.Main;
import java.io.PrintWriter;
import java.io.StringWriter;

/**
 * What the command {@code iptunnel} answered.
 *
 * @param exit its exit code
 */
record Iptunnel(int exit, String out, String err) {
    static final String NODE = "node1";

    /** Runs it in this process, as the node {@link #NODE}; words are separated by spaces. */
    static Iptunnel run(String command) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String named = command.startsWith("delete") ? command : command + " --node-name " + NODE;
        int exit = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), named.split(" "));
        return new Iptunnel(exit, out.toString(), err.toString());
    }

    /** The same, and fails unless it exits with this code. */
    static Iptunnel expect(int exit, String command) {
        Iptunnel answer = run(command);
        if (answer.exit != exit) {
            throw new AssertionError("iptunnel " + command + " exits with " + answer);
        }
        return answer;
    }
}
