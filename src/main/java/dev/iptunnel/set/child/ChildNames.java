package dev.iptunnel.set.child;

import dev.iptunnel.set.Edge;
import dev.iptunnel.set.TunnelSet;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The names of the tunnels of a set and of their interfaces. They depend on the names of the set and the nodes, and on
 * nothing else, and never change from release to release.
 */
public final class ChildNames {
    private static final int HASH_LENGTH = 10;
    private static final int LONGEST_READABLE = 52;
    private static final int LONGEST_PREFIX = 4;
    /** Base 32 of RFC 4648, in lower case. */
    private static final String DIGITS = "abcdefghijklmnopqrstuvwxyz234567";

    private static final Pattern TRAILING = Pattern.compile("[.-]+$");

    private ChildNames() {}

    /**
     * The name of the IpTunnel, at most 63 characters.
     *
     * @param collisions how often names of the set clashed before this tunnel was made
     */
    public static String tunnel(String set, Edge edge, int collisions) {
        String readable = set + "-" + edge.node() + (edge.peer().isEmpty() ? "" : "-" + edge.peer());
        String valid = readable.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9.-]", "-");
        String cut =
                valid.substring(0, Math.min(valid.length(), LONGEST_READABLE)).replaceAll("[.-]+$", "");
        return TRAILING.matcher(cut).replaceAll("") + "-"
                + hash(set + "\0" + edge.node() + "\0" + edge.peer() + "\0" + collisions);
    }

    /**
     * The name of the interface, at most 15 characters. It does not depend on the node that has it, so a peer's tunnel has
     * one name on all nodes.
     */
    public static String networkInterface(TunnelSet set, String peer, int collisions) {
        String key = "if\0" + set.name() + "\0" + peer + (collisions == 0 ? "" : "\0" + collisions);
        return prefix(set) + "-" + hash(key);
    }

    private static String prefix(TunnelSet set) {
        return set.interfacePrefix().orElseGet(() -> {
            String letters = set.name().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
            return letters.substring(0, Math.min(letters.length(), LONGEST_PREFIX));
        });
    }

    private static String hash(String key) {
        byte[] digest = sha256(key);
        StringBuilder text = new StringBuilder(HASH_LENGTH);
        for (int i = 0; i < HASH_LENGTH; i++) {
            int digit = 0;
            for (int bit = 5 * i; bit < 5 * (i + 1); bit++) {
                digit = (digit << 1) | ((digest[bit / Byte.SIZE] >> (Byte.SIZE - 1 - bit % Byte.SIZE)) & 1);
            }
            text.append(DIGITS.charAt(digit));
        }
        return text.toString();
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
