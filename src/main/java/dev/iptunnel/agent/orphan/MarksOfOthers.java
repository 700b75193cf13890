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
 * The marked tunnels of the node that this agent leaves alone, as after a cluster was rebuilt or a node renamed: those of another
 * manager, and those whose object is one of another node. Each is told once.
 */
final class MarksOfOthers {
    private static final Logger log = LoggerFactory.getLogger(MarksOfOthers.class);

    private final Identity identity;
    private final EventRecorder events;
    private final Set<String> told = new HashSet<>();
    /** The names of the objects of other nodes by their UIDs, also of those that went since. */
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
     * Tells of those that were not told of before. Called by one thread at a time.
     *
     * @param marked all that carry a mark
     * @param nodes of those of our manager's marks whose object is of another node, by link
     */
    void found(List<ObservedLink> marked, Map<ObservedLink, String> nodes) {
        Map<String, Runnable> all = new TreeMap<>();
        marked.stream()
                .filter(link -> !Removals.markOf(link).isOf(identity.manager()))
                .forEach(link -> all.put(key(link), () -> tellOfManager(link)));
        ofOtherNodes
                .keySet()
                .retainAll(
                        marked.stream().map(link -> Removals.markOf(link).uid()).toList());
        nodes.forEach((link, node) -> {
            ofOtherNodes.put(Removals.markOf(link).uid(), Removals.markOf(link).name());
            all.put(key(link), () -> tellOfNode(link, node));
        });
        told.retainAll(all.keySet());
        all.entrySet().stream()
                .filter(entry -> told.add(entry.getKey()))
                .map(Entry::getValue)
                .forEach(Runnable::run);
        count = all.size();
    }

    /** Whether the object of this mark was seen to be one of another node. */
    boolean wasOfOtherNode(Mark mark) {
        return ofOtherNodes.containsKey(mark.uid());
    }

    /** The same of an object of this name. */
    boolean isOfOtherNode(String objectName) {
        return ofOtherNodes.containsValue(objectName);
    }

    private static String key(ObservedLink link) {
        return link.index() + " " + link.alias();
    }

    private void tellOfManager(ObservedLink link) {
        Mark mark = Removals.markOf(link);
        log.atWarn()
                .addKeyValue("interface", link.name())
                .addKeyValue("ifindex", link.index())
                .addKeyValue("tunnel", mark.name())
                .addKeyValue("manager", mark.manager())
                .log(
                        "left alone: its mark is of another manager, as after a cluster was rebuilt; this one is {}",
                        identity.manager());
    }

    private void tellOfNode(ObservedLink link, String node) {
        Mark mark = Removals.markOf(link);
        String why = "node " + identity.nodeName() + " holds interface " + link.name() + " (ifindex " + link.index()
                + ") of this IpTunnel, whose spec.nodeName is " + node
                + "; it is left alone. Where the node was renamed,"
                + " make the object anew under the same name with nodeName: " + identity.nodeName()
                + ": it takes the tunnel over in place";
        log.atWarn()
                .addKeyValue("interface", link.name())
                .addKeyValue("ifindex", link.index())
                .addKeyValue("tunnel", mark.name())
                .log("left alone: {}", why);
        events.leftAlone(mark, why);
    }
}
