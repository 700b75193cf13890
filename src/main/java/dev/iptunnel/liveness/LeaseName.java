package dev.iptunnel.liveness;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The name of the Lease that the agent of a node renews. */
public final class LeaseName {
    private static final String PREFIX = "agent.";
    /** Of a DNS subdomain, RFC 1123. */
    private static final int LONGEST = 253;
    /** The admission policy of the agents compares as many characters of a long node name. */
    private static final int KEPT = 200;

    private LeaseName() {}

    /** {@code agent.NODE}; if that is too long, the first 200 characters of the node's name and a hash of all. */
    public static String of(String node) {
        String name = PREFIX + node;
        return name.length() <= LONGEST ? name : PREFIX + node.substring(0, KEPT) + hash(node);
    }

    private static String hash(String node) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(node.getBytes(UTF_8));
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }
}
