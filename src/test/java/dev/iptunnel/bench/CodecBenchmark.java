package dev.iptunnel.bench;

import dev.iptunnel.netlink.Capture;
import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.link.LinkDecoder;
import dev.iptunnel.netlink.link.LinkRequests;
import dev.iptunnel.netlink.link.TunnelAttributes;
import dev.iptunnel.netlink.message.NetlinkMessage;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.Mark;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What the messages to and from the kernel take, per message. Run by e2e/bench. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class CodecBenchmark {
    /** As many as fit in a datagram of a list. */
    private static final int LINKS = 20;

    private final byte[] list = list();
    private final String mark = new Mark(
                    "11111111-2222-3333-4444-555555555555",
                    "22222222-3333-4444-5555-666666666666",
                    DeletionPolicy.DELETE,
                    "tun")
            .toString();

    private final TunnelAttributes attributes =
            LinkDecoder.decode(Capture.of("link-ipip1").answer()).tunnel().orElseThrow();

    private static byte[] list() {
        byte[] link = Capture.of("link-mark1").received().getFirst();
        ByteBuffer links = ByteBuffer.allocate(LINKS * link.length);
        for (int i = 0; i < LINKS; i++) {
            links.put(link);
        }
        return links.array();
    }

    @Benchmark
    @OperationsPerInvocation(LINKS)
    public List<Link> decoding_of_a_link_in_a_list() {
        return NetlinkMessage.split(list).stream().map(LinkDecoder::decode).toList();
    }

    @Benchmark
    public byte[] encoding_of_a_request_for_a_tunnel() {
        return LinkRequests.addTunnel("tun", 1, "ipip", attributes).build(1);
    }

    @Benchmark
    public Optional<Mark> reading_of_a_mark() {
        return Mark.parse(mark);
    }
}
