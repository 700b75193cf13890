package dev.iptunnel.chaos;

import dev.iptunnel.chaos.NodeSnapshot.ShownLink;
import dev.iptunnel.cluster.Cluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Does to the cluster what a {@link Fault} says. */
final class FaultInjector {
    /** How the addresses begin that somebody else puts on our tunnels. */
    static final String ADDRESSES_OF_OTHERS = "198.18.";

    private static final int FLOOD = 8000;
    private static final int ROUTES = 100_000;
    private static final int VETHS = 1000;
    private static final int TUNNELS = 300;
    private static final int IFF_UP = 1;
    /** So many times as long as a part of the control plane that is killed. */
    private static final int FREEZE = 3;

    private final Cluster cluster;
    private final Nodes nodes;
    private final ObjectChanger objects;
    private final String manager;
    /** What ends a fault that lasts until the next one, by node. */
    private final Map<String, List<String>> remedies = new TreeMap<>();

    FaultInjector(Cluster cluster, Nodes nodes, ObjectChanger objects, String manager) {
        this.cluster = cluster;
        this.nodes = nodes;
        this.objects = objects;
        this.manager = manager;
    }

    /**
     * @param node where
     * @param touched the interfaces that need not keep their ifindex
     * @param everything whether no interface of the node need keep it
     * @param silent what of it the kernel told nobody
     * @param note what was really done
     */
    record Injected(String node, Set<String> touched, boolean everything, List<SilentChange> silent, String note) {}

    /** Ends what the last fault left. */
    void endLasting() {
        remedies.forEach((node, scripts) -> scripts.forEach(nodes.shell(node)::attempt));
        remedies.clear();
    }

    private void remedy(String node, String script) {
        remedies.computeIfAbsent(node, _ -> new ArrayList<>()).add(script);
    }

    /** Returns when the fault has ended, but for those that last until {@link #endLasting}. */
    Injected inject(Fault fault) {
        return new Injection(fault).inject();
    }

    private final class Injection {
        private final Fault fault;
        private final String node;
        private final int number;
        private final NodeShell shell;
        private final NeighbourFaults neighbours;
        private final Set<String> touched = new LinkedHashSet<>();
        private boolean everything;
        private final List<SilentChange> silent = new ArrayList<>();

        Injection(Fault fault) {
            this.fault = fault;
            this.node = fault.node();
            this.number = Nodes.number(node);
            this.shell = nodes.shell(node);
            this.neighbours = new NeighbourFaults(fault, nodes, FaultInjector.this::remedy);
        }

        Injected inject() {
            String note = doIt();
            return new Injected(node, touched, everything, silent, note);
        }

        private String doIt() {
            return switch (fault.kind()) {
                case AGENT_KILLED -> damageAfter(AgentProcess.signal("KILL"));
                case AGENT_POD_DELETED -> deletePod();
                case AGENT_STOPPED -> stopAgent();
                case API_SERVER_KILLED -> killComponent("kube-apiserver");
                case ETCD_KILLED -> killComponent("etcd");
                case NODE_CUT_OFF -> cutOff();
                case POWER_CUT -> cutPower();
                case API_SERVER_FROZEN -> freezeApiServer();
                case WATCH_HALF_OPEN -> loseConnections();
                case CLOCK_STEPPED -> neighbours.stepClock() + "; " + damage(tunnels());
                case CLIENTS_STALLED -> neighbours.stallClients();
                case CRD_REMOVED -> removeCrd();
                case TUNNEL_DELETED -> delete();
                case TUNNEL_DOWN -> onTunnel(link -> "ip link set " + link.name() + " down");
                case TUNNEL_RENAMED -> rename();
                case TUNNEL_MTU -> onTunnel(link -> "ip link set " + link.name() + " mtu 1297");
                case TUNNEL_TTL ->
                    change(link -> hopLimit(link) + (link.data("ttl").equals("7") ? " 8" : " 7"));
                case TUNNEL_REMOTE -> change(link -> "remote " + (isIp6(link) ? "fd77::250" : "10.77.0.250"));
                case TUNNEL_PARENT -> change(link -> "dev " + (link.data("link").equals("wan1") ? "wan0" : "wan1"));
                case TUNNEL_FWMARK -> change(_ -> "fwmark 7");
                case TUNNEL_MARK_OF_PREDECESSOR ->
                    changeQuietly(link -> "ip link set " + link.name() + " alias '"
                            + link.alias().replaceFirst("uid=\\S+", "uid=00000000-0000-0000-0000-000000000000") + "'");
                case TUNNEL_MARK_OVERWRITTEN ->
                    changeQuietly(link -> "ip link set " + link.name() + " alias 'of somebody else'");
                case TUNNEL_ADDRESSES_LOST -> onTunnel(link -> "ip address flush dev " + link.name() + " scope global");
                case TUNNEL_ADDRESS_OF_OTHERS ->
                    onTunnel(link -> "ip address add " + ADDRESSES_OF_OTHERS + "0." + fault.pick() % 250 + "/32 dev "
                            + link.name());
                case TUNNEL_ROUTES_LOST ->
                    onTunnel(link -> "ip -4 route flush table all dev " + link.name()
                            + " proto 173; ip -6 route flush table all dev " + link.name() + " proto 173");
                case TUNNEL_CONNECTED_ROUTES_LOST -> deleteConnectedRoutes();
                case ALL_TUNNELS_DELETED -> deleteAll();
                case DOWN_TUNNEL_CHANGED -> changeDownTunnel();
                case PARENT_REPLACED -> replaceParent();
                case PARENT_AWAY -> {
                    remedy(NodeLayout.makeParent(parent(), number));
                    yield run("ip link delete " + parent());
                }
                case PARENT_DOWN -> {
                    remedy("ip link set " + parent() + " up; " + NodeLayout.addAddresses(parent(), number));
                    yield run("ip link set " + parent() + " down");
                }
                case PARENT_MTU -> run("ip link set " + parent() + " mtu " + (1400 + fault.pick() % 101));
                case PARENT_ADDRESSES ->
                    run("ip address flush dev " + parent() + " scope global; "
                            + NodeLayout.addAddresses(parent(), fault.pick() % 2 == 0 ? number : number + 100));
                case NETLINK_FLOOD -> flood();
                case FOREIGN_ROUTES -> foreignRoutes();
                case FOREIGN_VETHS -> foreignVeths();
                case FOREIGN_TUNNELS -> foreignTunnels();
                case ALTERNATIVE_NAME ->
                    neighbours.addAlternativeName(
                            tunnels().stream().map(ShownLink::name).toList());
                case CNI_ON_FALLBACK -> neighbours.addCni();
                case NETWORKD_STARTED -> neighbours.startNetworkd();
            };
        }

        private String parent() {
            return NodeLayout.PARENTS.get(fault.pick() % NodeLayout.PARENTS.size());
        }

        private void remedy(String script) {
            FaultInjector.this.remedy(node, script);
        }

        private String run(String script) {
            shell.run(script);
            return script;
        }

        private List<ShownLink> tunnels() {
            return tunnels(shell);
        }

        private List<ShownLink> tunnels(NodeShell of) {
            return of.snapshot().marked(manager);
        }

        private interface Command {
            String of(ShownLink link);
        }

        private String onTunnel(Command script) {
            List<ShownLink> tunnels = tunnels();
            if (tunnels.isEmpty()) {
                return "there is no tunnel";
            }
            String command = script.of(tunnels.get(fault.pick() % tunnels.size()));
            // A tunnel may have gone with its object meanwhile.
            return command + (shell.attempt(command) ? "" : " (failed)");
        }

        private String change(Command parameters) {
            return changeQuietly(link -> change(link, parameters));
        }

        private String changeQuietly(Command script) {
            List<ShownLink> tunnels = tunnels();
            return tunnels.isEmpty() ? "there is no tunnel" : changeQuietly(node, tunnels, script);
        }

        /** Of such a change of a tunnel that is down the kernel tells nobody; its object may take it down meanwhile. */
        private String changeQuietly(String on, List<ShownLink> tunnels, Command script) {
            ShownLink link = tunnels.get(fault.pick() % tunnels.size());
            String command = script.of(link);
            Optional<String> flags = nodes.shell(on)
                    .tryToRead(command + "; read -r flags </sys/class/net/" + link.name() + "/flags; echo $flags");
            if (flags.isEmpty()) {
                return command + " (failed)";
            }
            boolean told = link.isUp() && (Integer.decode(flags.get()) & IFF_UP) != 0;
            if (!told) {
                silent.add(SilentChange.now(on, link));
            }
            return command + (told ? "" : ", of which the kernel tells nobody");
        }

        private static String change(ShownLink link, Command parameters) {
            return "ip link set dev " + link.name() + " type " + link.kind() + " " + parameters.of(link);
        }

        private static boolean isIp6(ShownLink link) {
            return link.kind().equals("ip6tnl");
        }

        private static String hopLimit(ShownLink link) {
            return isIp6(link) ? "hoplimit" : "ttl";
        }

        /** On whichever node has one. */
        private String changeDownTunnel() {
            for (String name : Nodes.NAMES) {
                List<ShownLink> down = tunnels(nodes.shell(name)).stream()
                        .filter(link -> !link.isUp())
                        .toList();
                if (!down.isEmpty()) {
                    return changeQuietly(name, down, link -> change(link, other -> hopLimit(other) + " 9"));
                }
            }
            return "no tunnel is down";
        }

        /** What an address brings along. */
        private String deleteConnectedRoutes() {
            return onTunnel(link -> "for network in $(ip -4 route show dev " + link.name()
                    + " proto kernel | cut -d ' ' -f 1) $(ip -6 route show dev " + link.name()
                    + " proto kernel | grep -o '^fd[^ ]*'); do ip route delete $network dev " + link.name()
                    + " proto kernel; done");
        }

        private String delete() {
            return onTunnel(link -> {
                touched.add(link.name());
                return "ip link delete " + link.name();
            });
        }

        private String deleteAll() {
            everything = true;
            List<String> names = tunnels().stream().map(ShownLink::name).toList();
            shell.attempt("printf 'link delete %s\\n' " + String.join(" ", names) + " | ip -force -batch -");
            return "ip link delete " + String.join(" ", names);
        }

        /** While the agent is stopped, since a tunnel can be renamed only while it is down. */
        private String rename() {
            return onTunnel(link -> {
                String name = link.name();
                String other = "renamed" + fault.pick();
                return AgentProcess.signal("STOP") + "; ip link set " + name + " down && ip link set " + name + " name "
                        + other + " && ip link set " + other + " up; " + AgentProcess.signal("CONT");
            });
        }

        /** One tunnel goes, and the MTU of another changes, while nobody looks. */
        private String damageAfter(String script) {
            List<ShownLink> tunnels = tunnels();
            shell.run(script);
            return script + "; " + damage(tunnels);
        }

        private String damage(List<ShownLink> tunnels) {
            if (tunnels.isEmpty()) {
                return "there is no tunnel";
            }
            String gone = tunnels.get(fault.pick() % tunnels.size()).name();
            String changed = tunnels.get((fault.pick() + 1) % tunnels.size()).name();
            touched.add(gone);
            String script = "ip link set " + changed + " mtu 1297; ip link delete " + gone;
            shell.attempt(script);
            return script;
        }

        private String deletePod() {
            List<ShownLink> tunnels = tunnels();
            AgentPods.delete(cluster, node);
            return "kubectl delete pod; " + damage(tunnels);
        }

        private String stopAgent() {
            String done = damageAfter(AgentProcess.signal("STOP"));
            Pause.of(Duration.ofSeconds(fault.seconds()));
            shell.run(AgentProcess.signal("CONT"));
            return done;
        }

        private String killComponent(String name) {
            cluster.command("kill", name);
            String done = damage(tunnels());
            Pause.of(Duration.ofSeconds(fault.seconds()));
            cluster.command("start", name);
            return "kill -KILL " + name + "; " + done;
        }

        /** The node's port leaves the bridge, which nothing tells the node. */
        private String cutOff() {
            List<ShownLink> tunnels = tunnels();
            String damage = "";
            if (!tunnels.isEmpty()) {
                String name = tunnels.get(fault.pick() % tunnels.size()).name();
                touched.add(name);
                damage = "ip link delete " + name;
                shell.run("(sleep 0.5; " + damage + ") >/dev/null 2>&1 &");
            }
            cluster.command("cut", node);
            Pause.of(Duration.ofSeconds(1 + fault.seconds()));
            cluster.command("heal", node);
            return "the node's port leaves the bridge; " + damage;
        }

        /** The API server forgets its connections with the node, and nobody tells the agent, which has nothing to ask. */
        private String loseConnections() {
            cluster.command("cut", node);
            cluster.command("forget", node);
            Pause.of(Duration.ofSeconds(fault.seconds()));
            cluster.command("heal", node);
            return "the API server forgets its connections with the node";
        }

        private String freezeApiServer() {
            cluster.command("freeze", "kube-apiserver");
            try {
                String done = damage(tunnels());
                Pause.of(Duration.ofSeconds(fault.seconds()).multipliedBy(FREEZE));
                return "kill -STOP kube-apiserver; " + done;
            } finally {
                cluster.command("thaw", "kube-apiserver");
            }
        }

        private String cutPower() {
            everything = true;
            remedies.remove(node);
            cluster.command("kill", node);
            cluster.command("start", node);
            nodes.setUp(node);
            return "the node boots anew";
        }

        /** The tunnels have to stay; the objects are made again as by a GitOps tool. */
        private String removeCrd() {
            Map<String, Set<String>> before = markedEverywhere();
            cluster.command("kubectl", "delete", "crd", "iptunnels.iptunnel.dev");
            Pause.of(Duration.ofSeconds(1 + fault.seconds()));
            Map<String, Set<String>> after = markedEverywhere();
            if (!before.equals(after)) {
                throw new IllegalStateException("with the CRD went tunnels: before " + before + ", after " + after);
            }
            cluster.command("kubectl", "apply", "-k", "crds");
            cluster.command("kubectl", "wait", "--for=condition=Established", "crd", "iptunnels.iptunnel.dev");
            objects.recreateAll();
            return "kubectl delete crd, apply, and " + objects.count() + " objects again; "
                    + after.values().stream().mapToInt(Set::size).sum() + " tunnels stayed meanwhile";
        }

        private Map<String, Set<String>> markedEverywhere() {
            Map<String, Set<String>> marked = new TreeMap<>();
            for (String name : Nodes.NAMES) {
                marked.put(
                        name,
                        nodes.shell(name).snapshot().marked(manager).stream()
                                .map(link -> link.name() + " " + link.ifindex())
                                .collect(Collectors.toCollection(LinkedHashSet::new)));
            }
            return marked;
        }

        private String replaceParent() {
            String parent = parent();
            shell.run("ip link delete " + parent);
            Pause.of(Duration.ofMillis(500L * fault.seconds()));
            shell.run(NodeLayout.makeParent(parent, number));
            return parent + " is deleted and made again";
        }

        private String flood() {
            String done = damageAfter(AgentProcess.signal("STOP"));
            shell.run("awk 'BEGIN { for (i = 0; i < " + FLOOD + "; i++) print \"link set " + NodeLayout.BUSY
                    + " mtu\", 1400 + i % 2 }' | ip -batch -; " + AgentProcess.signal("CONT"));
            return done + "; " + FLOOD + " changes of " + NodeLayout.BUSY;
        }

        private String foreignRoutes() {
            shell.run(ManyRoutes.add(NodeLayout.BUSY, ROUTES));
            String done = damage(tunnels());
            shell.run(ManyRoutes.delete(NodeLayout.BUSY, ROUTES));
            return ROUTES + " routes come and go; " + done;
        }

        /** While the agent that was killed is started again and lists everything. */
        private String foreignVeths() {
            String done = damageAfter(AgentProcess.signal("KILL"));
            shell.run("awk 'BEGIN { for (i = 0; i < " + VETHS + "; i++)"
                    + " print \"link add va\" i \" type veth peer name vb\" i }' | ip -batch -");
            shell.run("awk 'BEGIN { for (i = 0; i < " + VETHS + "; i++) print \"link delete va\" i }' | ip -batch -");
            return done + "; " + VETHS + " veth pairs come and go";
        }

        /** One of them takes the name that an object may get. */
        private String foreignTunnels() {
            String wanted = "chaos%d-%02d".formatted(number, fault.pick() % ManifestGenerator.SLOTS);
            boolean taken = shell.attempt("ip link add " + wanted + " type ipip local 10.77.0." + number
                    + " remote 198.51.100.77 && ip link set " + wanted + " up");
            if (taken) {
                remedy("ip link delete " + wanted);
            }
            shell.run("awk 'BEGIN { for (i = 0; i < " + TUNNELS + "; i++) print \"link add fill\" i"
                    + " \" type ipip local 10.77.0." + number + " remote 198.19.\" int(i / 250) \".\" 1 + i % 250 }'"
                    + " | ip -batch -");
            remedy("awk 'BEGIN { for (i = 0; i < " + TUNNELS + "; i++) print \"link delete fill\" i }' | ip -batch -");
            return TUNNELS + " tunnels of others" + (taken ? ", and " + wanted : "");
        }
    }
}
