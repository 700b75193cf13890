package dev.iptunnel.controller;

import dev.iptunnel.api.ReadmeOutput;
import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the README shows of kubectl is what kubectl prints for the README's set, except for what differs each time. */
@Tag("sets")
class ReadmeSetApiTest {
    @RegisterExtension
    final ControlledCluster cluster = new ControlledCluster();

    @Test
    void what_the_README_shows_of_kubectl_is_what_it_prints() throws IOException {
        cluster.nodes(3);
        cluster.start();
        cluster.apply(ReadmeOutput.manifest("IpTunnelSet"));

        new ReadmeOutput("ReadmeSetApiTest").assertIsWhatTheCommandsPrint();
    }
}
