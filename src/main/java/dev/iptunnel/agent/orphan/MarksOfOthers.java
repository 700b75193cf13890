package dev.iptunnel.agent.orphan;

import dev.iptunnel.agent.cluster.Identity;
import dev.iptunnel.agent.event.EventRecorder;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.tunnel.Mark;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The marked tunnels of the node that this agent leaves alone: those of another manager, for example after a cluster
 * was rebuilt, and those whose object belongs to another node, for example after the node was renamed. Each is reported
 * once.
 */
final class MarksOfOthers {
    private static final Logger log = LoggerFactory.getLogger(MarksOfOthers.class);

    private final Identity identity;
    private final EventRecorder events;
    private final Set<String> reported = new HashSet<>();
    /** The names of the objects of other nodes by UID, including objects that were deleted since. */
    private final Map<String, String> ofOtherNodes = new ConcurrentHashMap<>();

    private volatile int count;

    MarksOfOthers(Identity identity, EventRecorder events) {
        this.identity = identity;
        this.events = events;
    }

    int count() {
        return count;
    }

    /**
     * Reports those that were not reported before. Called by one thread at a time.
     *
     * @param marked all links with a mark
     * @param nodes the nodes of the objects of other nodes that have a link here with our manager's mark
     */
    void found(List<ObservedLink> marked, Map<ObservedLink, String> nodes) {
        Map<String, Runnable> all = new TreeMap<>();
        marked.stream()
                .filter(link -> !Removals.markOf(link).isOf(identity.manager()))
                .forEach(link -> all.put(key(link), () -> reportManager(link)));
        ofOtherNodes
                .keySet()
                .retainAll(
                        marked.stream().map(link -> Removals.markOf(link).uid()).toList());
        nodes.forEach((link, node) -> {
            ofOtherNodes.put(Removals.markOf(link).uid(), Removals.markOf(link).name());
            all.put(key(link), () -> reportNode(link, node));
        });
        reported.retainAll(all.keySet());
        all.entrySet().stream()
                .filter(entry -> reported.add(entry.getKey()))
                .map(Entry::getValue)
                .forEach(Runnable::run);
        count = all.size();
    }

    /** Whether the object of this mark belonged to another node when it was last seen. */
    boolean wasOfOtherNode(Mark mark) {
        return ofOtherNodes.containsKey(mark.uid());
    }

    /** Whether an object of this name belonged to another node when it was last seen. */
    boolean isOfOtherNode(String objectName) {
        return ofOtherNodes.containsValue(objectName);
    }

    private static String key(ObservedLink link) {
        return link.index() + " " + link.alias();
    }

    private void reportManager(ObservedLink link) {
        Mark mark = Removals.markOf(link);
        log.atWarn()
                .addKeyValue("interface", link.name())
                .addKeyValue("ifindex", link.index())
                .addKeyValue("tunnel", mark.name())
                .addKeyValue("manager", mark.manager())
                .log(
                        "left alone: its mark has another manager, as after a cluster was rebuilt; this agent's manager is {}",
                        identity.manager());
    }

    private void reportNode(ObservedLink link, String node) {
        Mark mark = Removals.markOf(link);
        String why = "node " + identity.nodeName() + " holds interface " + link.name() + " (ifindex " + link.index()
                + ") of this IpTunnel, whose spec.nodeName is " + node
                + "; it is left alone. If the node was renamed,"
                + " create the object again under the same name with nodeName: " + identity.nodeName()
                + ": it takes the tunnel over in place";
        log.atWarn()
                .addKeyValue("interface", link.name())
                .addKeyValue("ifindex", link.index())
                .addKeyValue("tunnel", mark.name())
                .log("left alone: {}", why);
        events.leftAlone(mark, why);
    }
}
