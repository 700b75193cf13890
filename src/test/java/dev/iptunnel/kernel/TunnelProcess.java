package dev.iptunnel.kernel;

import dev.iptunnel.kernel.linux.LinuxTunnelKernel;
import dev.iptunnel.plan.Decision;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.planner.ListedClaims;
import dev.iptunnel.planner.Planner;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.ArrayList;
import java.util.List;

/** A process of its own that programs the tunnel {@code tun}, once, and prints what came of it. */
final class TunnelProcess {
    private final int most;
    private int operations;

    private TunnelProcess(int most) {
        this.most = most;
    }

    /**
     * Runs it.
     *
     * @param prefix a command that runs the process, such as {@code setpriv}
     * @param most it is killed after so many operations; 0 = never
     * @return what it prints
     */
    static String run(List<String> prefix, TunnelMode mode, int most) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                TunnelProcess.class.getName(),
                mode.name(),
                Integer.toString(most)));
        return Iproute2.run(command);
    }

    public static void main(String... arguments) {
        new TunnelProcess(Integer.parseInt(arguments[1])).program(TunnelMode.valueOf(arguments[0]));
    }

    private void program(TunnelMode mode) {
        DesiredTunnel desired = TunnelNode.tunnel("tun", mode).build();
        try (LinuxTunnelKernel kernel =
                LinuxTunnelKernel.open(List.of(), List.of(), LinuxTunnelKernel.SYSCTLS, (operation, errno) -> {
                    if (++operations == most) {
                        System.out.println(
                                "halted after " + operation.getClass().getSimpleName() + " " + errno);
                        Runtime.getRuntime().halt(0);
                    }
                })) {
            Decision decision = Planner.plan(desired, kernel.observe(desired), ListedClaims.NONE);
            if (decision instanceof Plan plan) {
                kernel.execute(plan);
            }
            System.out.println(decision);
        } catch (KernelException e) {
            System.out.println(e.reason() + " " + e.detail());
        }
    }
}
