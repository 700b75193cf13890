package dev.iptunnel.tunnel;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The mark of an owned tunnel: the text of its interface's alias.
 *
 * <pre>iptunnel.dev/v1 manager=MANAGER uid=UID deletion=Delete|Retain name=NAME</pre>
 *
 * Words are separated by one space. The first word names the format and its version. A reader of version 1 ignores words
 * that it does not know, so later releases may add some: at least 69 of the 255 bytes of an alias are free. A change that an
 * old reader must not ignore needs a new version; an old reader treats such a mark as a foreign alias.
 *
 * @param manager the manager of the tunnel: the UID of the cluster's namespace {@code kube-system}, or {@code cli}
 * @param uid the UID of the IpTunnel
 * @param name the name of the IpTunnel
 */
public record Mark(String manager, String uid, DeletionPolicy deletionPolicy, String name) {
    /** The longest name of an object that fits into a mark. */
    public static final int MAX_NAME = 63;

    /** The manager of tunnels that the command {@code iptunnel} creates without a cluster. */
    public static final String COMMAND = "cli";

    private static final String FORMAT = "iptunnel.dev/v1";
    private static final String ANY_FORMAT = "iptunnel.dev/";
    private static final Pattern WORD = Pattern.compile("[!-~&&[^=]]{1," + MAX_NAME + "}");

    public Mark {
        requireWord("manager", manager, 36);
        requireWord("uid", uid, 36);
        requireWord("name", name, MAX_NAME);
    }

    /** Reads the mark in an alias; empty if there is none, or one of another version. */
    public static Optional<Mark> parse(String alias) {
        String[] words = alias.split(" ", -1);
        if (!words[0].equals(FORMAT)) {
            return Optional.empty();
        }
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 1; i < words.length; i++) {
            int equals = words[i].indexOf('=');
            if (equals < 1 || values.put(words[i].substring(0, equals), words[i].substring(equals + 1)) != null) {
                return Optional.empty();
            }
        }
        try {
            return Optional.of(new Mark(
                    values.getOrDefault("manager", ""),
                    values.getOrDefault("uid", ""),
                    DeletionPolicy.ofText(values.getOrDefault("deletion", "")),
                    values.getOrDefault("name", "")));
        } catch (IllegalArgumentException damaged) {
            return Optional.empty();
        }
    }

    /** Whether an alias starts as a mark of this project does, of any version and also if it is damaged. */
    public static boolean isClaimed(String alias) {
        return alias.startsWith(ANY_FORMAT);
    }

    public boolean isOf(String otherManager) {
        return manager.equals(otherManager);
    }

    /** Whether both marks are of the same object, or one is of a predecessor: a deleted object of the same name. */
    public boolean isOfSameName(Mark object) {
        return isOf(object.manager) && name.equals(object.name);
    }

    private static void requireWord(String what, String value, int longest) {
        if (value.length() > longest || !WORD.matcher(value).matches()) {
            throw new IllegalArgumentException(what + " \"" + value + "\" does not fit a mark: 1 to " + longest
                    + " printable characters, no \"=\"");
        }
    }

    /** The alias. */
    @Override
    public String toString() {
        return "%s manager=%s uid=%s deletion=%s name=%s".formatted(FORMAT, manager, uid, deletionPolicy, name);
    }
}
