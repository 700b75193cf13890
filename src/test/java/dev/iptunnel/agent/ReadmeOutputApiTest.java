package dev.iptunnel.agent;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.iptunnel.api.ReadmeOutput;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the README shows of kubectl is what kubectl prints for the README's tunnel, except for what differs each time. */
@Tag("api")
class ReadmeOutputApiTest {
    @RegisterExtension
    final AgentOfNode1 agent = new AgentOfNode1();

    @Test
    void what_the_README_shows_of_kubectl_is_what_it_prints() throws IOException {
        agent.client
                .load(new ByteArrayInputStream(ReadmeOutput.manifest("IpTunnel").getBytes(UTF_8)))
                .create();
        agent.awaitEvent("to-berlin", "TunnelCreated");
        ReadmeOutput.output("kubectl wait --for=condition=Ready ipt/to-berlin");

        new ReadmeOutput("ReadmeOutputApiTest").assertIsWhatTheCommandsPrint();
    }
}
