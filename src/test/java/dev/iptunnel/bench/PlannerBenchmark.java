package dev.iptunnel.bench;

import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.TunnelObserver;
import dev.iptunnel.plan.Decision;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.planner.ListedClaims;
import dev.iptunnel.planner.Planner;
import dev.iptunnel.planner.SimulatedNode;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What it takes to decide what is to be done about one tunnel, without reading the kernel. Run by e2e/bench. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class PlannerBenchmark {
    private final DesiredTunnel desired = DesiredTunnelBuilder.of(
                    new Mark("11111111-2222-3333-4444-555555555555", "uid", DeletionPolicy.DELETE, "tun"),
                    TunnelMode.IPIP)
            .addresses("10.9.0.1/30")
            .build();
    private final Observation absent;
    private final Observation inSync;

    public PlannerBenchmark() {
        SimulatedNode node = SimulatedNode.withEthernet();
        TunnelObserver observer = new TunnelObserver(node);
        absent = observer.observe(desired);
        node.apply((Plan) Planner.plan(desired, absent, ListedClaims.NONE));
        inSync = observer.observe(desired);
    }

    @Benchmark
    public Decision planning_of_a_new_tunnel() {
        return Planner.plan(desired, absent, ListedClaims.NONE);
    }

    @Benchmark
    public Decision planning_of_a_tunnel_in_sync() {
        return Planner.plan(desired, inSync, ListedClaims.NONE);
    }
}
