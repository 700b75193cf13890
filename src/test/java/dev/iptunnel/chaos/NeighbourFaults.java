package dev.iptunnel.chaos;

import dev.iptunnel.chaos.ChaosRun.WrongException;
import java.util.List;
import java.util.function.BiConsumer;

/** What others on a node do, whom the agent has to live with. All but the clock's steps last until the next fault. */
final class NeighbourFaults {
    private static final int AGENT_PORT = 9811;
    private static final int CLIENTS = 40;
    private static final int ALTERNATIVES = 3;

    private final Fault fault;
    private final Nodes nodes;
    private final NodeShell shell;
    /** Takes a node and the script that ends there what was begun. */
    private final BiConsumer<String, String> remedies;

    NeighbourFaults(Fault fault, Nodes nodes, BiConsumer<String, String> remedies) {
        this.fault = fault;
        this.nodes = nodes;
        this.shell = nodes.shell(fault.node());
        this.remedies = remedies;
    }

    /** On both nodes, so that packets go through it. */
    String addCni() {
        for (String node : Nodes.NAMES) {
            nodes.shell(node).run(NodeLayout.addCni(Nodes.number(node)));
            remedies.accept(node, NodeLayout.removeCni());
        }
        return "a CNI carries packets by tunl0";
    }

    /** It takes the tunnels for its own, and nothing else of the node. */
    String startNetworkd() {
        String networkd = NodeLayout.BESIDE + "/networkd ";
        remedies.accept(fault.node(), networkd + "stop");
        shell.run("printf '[Match]\nName=chaos* other* pair*\n' >/run/tunnels.network; " + networkd
                + "start /run/tunnels.network");
        return "systemd-networkd starts";
    }

    /** The name of a parent that objects ask for, one more name of a tunnel, or the name that an object may get. */
    String addAlternativeName(List<String> tunnels) {
        String device = NodeLayout.BUSY;
        String name = "chaos%d-%02d".formatted(Nodes.number(fault.node()), fault.pick() % ManifestGenerator.SLOTS);
        if (fault.pick() % ALTERNATIVES == 0) {
            device = NodeLayout.PARENTS.getFirst();
            name = ManifestGenerator.ABSENT_PARENT;
        } else if (fault.pick() % ALTERNATIVES == 1 && !tunnels.isEmpty()) {
            device = tunnels.get(fault.pick() % tunnels.size());
            name = "alternative";
        }
        String script = "ip link property add dev " + device + " altname " + name;
        boolean done = shell.attempt(script);
        if (done) {
            remedies.accept(fault.node(), "ip link property del dev " + device + " altname " + name);
        }
        return script + (done ? "" : " (failed)");
    }

    /** By an hour; back only after a step ahead, since the certificates are not valid before they were made. */
    String stepClock() {
        return shell.run("ahead=/run/clock-is-ahead; step=3600;"
                + " if [[ -e $ahead ]]; then rm $ahead; step=-3600; else : >$ahead; fi;"
                + " date -s @$(($(date +%s) + step)) >/dev/null; echo \"the clock steps by $step s\"");
    }

    /** They send one byte each, and have to keep nobody else from an answer. */
    String stallClients() {
        remedies.accept(fault.node(), "kill $(</run/stalled-clients)");
        shell.run("setsid bash -c 'for ((i = 0; i < " + CLIENTS + "; i++)); do exec {client}<>/dev/tcp/127.0.0.1/"
                + AGENT_PORT + " && printf G >&$client; done; exec sleep 600' </dev/null >/dev/null 2>&1 &"
                + " echo $! >/run/stalled-clients; sleep 1");
        boolean answers = shell.attempt("timeout 10 bash -c 'exec 3<>/dev/tcp/127.0.0.1/" + AGENT_PORT
                + "; printf \"GET /livez HTTP/1.0\\r\\n\\r\\n\" >&3; read -r line <&3; [[ $line == *\" 200 \"* ]]'");
        if (!answers) {
            throw new WrongException(List.of("the agent of " + fault.node() + " does not answer /livez beside "
                    + CLIENTS + " clients that have sent a byte"));
        }
        return CLIENTS + " clients of the agent send a byte and wait";
    }
}
