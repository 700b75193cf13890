package dev.iptunnel.set.rollout;

import java.util.Comparator;

/** In which order nodes get a revision. */
final class TouchOrder {
    private static final Comparator<NodeProgress> READY_LAST = Comparator.comparing(NodeProgress::ready);
    /** A canary must be able to show something, and must not be what the cluster depends on. */
    private static final Comparator<NodeProgress> CANARY = Comparator.comparing(
                    (NodeProgress node) -> node.member().controlPlane())
            .thenComparing(node -> !node.ready());

    private TouchOrder() {}

    /**
     * First the nodes whose change was interrupted, then those that an earlier revision broke: a second bad revision thus
     * hits the same node. Then those that lose nothing, or the best canaries, and spokes before hubs. Last, a hash: another
     * revision starts on another node.
     */
    static Comparator<NodeProgress> of(boolean canary, String revision) {
        return Comparator.comparing((NodeProgress node) -> !node.begun())
                .thenComparing(node -> !node.leftBehind())
                .thenComparing(canary ? CANARY : READY_LAST)
                .thenComparing(node -> node.member().hub())
                .thenComparing(node -> mixed((node.node() + "/" + revision).hashCode()))
                .thenComparing(NodeProgress::node);
    }

    /** The last step of MurmurHash3: similar names get hashes that are far apart. */
    private static int mixed(int hash) {
        int h = hash;
        h = (h ^ (h >>> 16)) * 0x85ebca6b;
        h = (h ^ (h >>> 13)) * 0xc2b2ae35;
        return h ^ (h >>> 16);
    }
}
