package dev.iptunnel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.Program;
import dev.iptunnel.api.Readmes;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A node's firewall drops protocol 4: the commands of deploy/README.md lead to the cause, and away from it. */
@Tag("cluster")
@ExtendWith(DeployedOperator.class)
class IncidentClusterTest {
    private static final Pattern BLOCK =
            Pattern.compile("<!-- begin: IncidentClusterTest -->\n```\n(.*?)```", Pattern.DOTALL);
    private static final Pattern COMMAND = Pattern.compile("(?m)^(node1)?\\$ (.*)$");
    private static final String RULE = "INPUT -p 4 -j DROP";

    private final Cluster cluster = new Cluster();

    /**
     * A command and what it answered.
     *
     * @param exit 0 of a command on the node, which fails the test otherwise
     */
    private record Answer(String command, int exit, String output) {
        /** Without line breaks, which depend on the width of the text. */
        String words() {
            return output.replaceAll("\\s+", " ");
        }
    }

    @AfterEach
    void remove_the_rule() {
        cluster.output("node1", "iptables-legacy -D " + RULE + " 2>/dev/null || true");
    }

    @Test
    void the_commands_of_the_README_lead_from_the_alert_to_the_cause() throws IOException {
        cluster.create("to-berlin", Cluster.ipip(1, "192.168.7.1/30"));
        cluster.create("to-node1", Cluster.ipip(2, "192.168.7.2/30"));
        cluster.awaitReady("to-berlin");
        cluster.awaitReady("to-node1");
        Ping.assertAnswers(cluster, "node1", "192.168.7.2");
        cluster.exec("node1", "iptables-legacy -A " + RULE);

        Process traffic = cluster.start("node1", "ping -n -i 0.2 -w 120 192.168.7.2");
        List<Answer> answers;
        try {
            answers = follow();
        } finally {
            traffic.destroy();
        }

        assertThat(answers).extracting(Answer::exit).containsExactly(0, 0, 5, 0, 0, 0);
        assertThat(answers.get(0).words())
                .contains("to-berlin node1 ipip")
                .contains(" True ")
                .contains(" TunnelUp");
        assertThat(answers.get(2).words())
                .contains("root cause: traffic: ")
                .contains("a firewall of this node seems to drop protocol 4 on its way in");
        assertThat(answers.get(3).words()).contains("-A INPUT -p ipencap -j DROP");
        assertThat(answers.get(5).output()).contains("\nnothing failed\n");
    }

    /** Runs the commands one after the other: those after {@code node1$} on the node, the others here. */
    private List<Answer> follow() throws IOException {
        List<Answer> answers = new ArrayList<>();
        StringBuilder assignments = new StringBuilder();
        for (MatchResult command : commands()) {
            String words = command.group(2);
            if (command.group(1) != null) {
                answers.add(new Answer(words, 0, cluster.exec("node1", words)));
            } else {
                Program ended = Program.run("bash", "-c", assignments + words);
                answers.add(new Answer(words, ended.exitCode(), ended.output()));
                if (words.startsWith("pod=")) {
                    assignments.append(words).append('\n');
                }
            }
        }
        return answers;
    }

    private static List<MatchResult> commands() throws IOException {
        return BLOCK.matcher(Files.readString(Readmes.DEPLOY))
                .results()
                .flatMap(block -> COMMAND.matcher(block.group(1)).results())
                .toList();
    }
}
