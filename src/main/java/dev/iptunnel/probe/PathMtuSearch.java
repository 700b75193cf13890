package dev.iptunnel.probe;

/**
 * Searches for the longest packet that passes, in bytes, as RFC 8899 does: first the tunnel's MTU, then a base that every
 * path should have, then the middle of what is left. A router's answer shortens the search. Packets are lost for other
 * reasons, too: the tunnel's MTU is tried twice before anything else, and the length that the search ends by three times.
 *
 * @param mtu the tunnel's
 * @param base from here on nothing shorter is tried
 * @param known a length that passed at an earlier search, and is tried before the base; 0 = none
 * @param passes the longest that passed; 0 = none yet
 * @param fails the shortest that did not pass; the MTU + 1 at first
 * @param losses how often {@code fails} was lost
 * @param next the length to be sent next
 */
record PathMtuSearch(int mtu, int base, int known, int passes, int fails, int losses, int next) {
    private static final int FIRST = 2;
    private static final int SURE = 3;
    /** The least MTU of IPv4 (RFC 791). */
    private static final int LEAST = 68;

    static PathMtuSearch of(int mtu, int base) {
        return of(mtu, base, 0);
    }

    /** Ends early where that length passes still, and the tunnel's MTU does not. */
    static PathMtuSearch of(int mtu, int base, int known) {
        return new PathMtuSearch(mtu, base, known, 0, mtu + 1, SURE, mtu);
    }

    boolean isOver() {
        return losses >= SURE && (passes > 0 ? passes + 1 >= fails || passes == known : next >= fails);
    }

    /** The longest packet that passes; 0 if not even the base does. To be asked when the search is over. */
    int result() {
        return passes;
    }

    PathMtuSearch passed() {
        if (next >= fails) {
            return to(next, mtu + 1, SURE);
        }
        return to(next, fails, next == known ? SURE : losses);
    }

    PathMtuSearch lost() {
        return to(passes, next, next == fails ? losses + 1 : 1);
    }

    /** A router, or the kernel, said that no packet longer than this passes. */
    PathMtuSearch limited(int longest) {
        if (longest >= next || longest < LEAST) {
            return lost();
        }
        return new PathMtuSearch(mtu, base, known, passes > longest ? 0 : passes, longest + 1, SURE, longest);
    }

    private PathMtuSearch to(int nowPasses, int nowFails, int nowLosses) {
        return new PathMtuSearch(
                mtu, base, known, nowPasses, nowFails, nowLosses, following(nowPasses, nowFails, nowLosses));
    }

    private int following(int nowPasses, int nowFails, int nowLosses) {
        boolean first = nowFails == mtu && nowLosses < FIRST;
        boolean last = nowPasses > 0 ? nowPasses + 1 == nowFails : nowFails <= base;
        if (first || (last && nowLosses < SURE)) {
            return nowFails;
        }
        if (nowPasses > 0) {
            return (nowPasses + nowFails) / 2;
        }
        return known > base && known < nowFails ? known : Math.min(base, nowFails);
    }
}
