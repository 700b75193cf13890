package dev.iptunnel.set.change;

import dev.iptunnel.set.TunnelSet;
import java.time.Instant;

/** Which of two sets gets what both want: the older one; ties go to the lower UID. */
final class Precedence {
    private Precedence() {}

    static boolean isOlder(Instant created, String uid, TunnelSet set) {
        int order = created.compareTo(set.created());
        return order < 0 || (order == 0 && uid.compareTo(set.uid()) < 0);
    }
}
