package dev.iptunnel.agent.spec;

import java.util.Set;
import java.util.regex.Pattern;

/** Checks interface names: those of any interface, which may be alternative names ({@code altname}), and a tunnel's. */
final class InterfaceNameReader {
    private static final int LONGEST = 15;
    private static final int LONGEST_ALTERNATIVE = 127;
    private static final Pattern VALID = Pattern.compile("[!-~&&[^/:%]]+");
    private static final Set<String> DOTS = Set.of(".", "..");
    private static final Set<String> KERNELS_OWN = Set.of("lo", "all", "default", "tunl0", "sit0", "ip6tnl0");

    private InterfaceNameReader() {}

    /** The interface's own name or an alternative name. */
    static String readOfAny(String field, String name) {
        return read(field, name, LONGEST_ALTERNATIVE);
    }

    private static String read(String field, String name, int longest) {
        if (!VALID.matcher(name).matches() || name.length() > longest || DOTS.contains(name)) {
            throw new InvalidSpecException(field + ": \"" + name + "\" is no name for an interface: write 1 to "
                    + longest
                    + " printable ASCII characters, none of them \"/\", \":\", \"%\" or a space, and neither \".\" nor"
                    + " \"..\"");
        }
        return name;
    }

    static String readOfTunnel(String name) {
        if (KERNELS_OWN.contains(name)) {
            throw new InvalidSpecException(
                    "spec.interfaceName: \"" + name + "\" is a name that the kernel reserves: write another");
        }
        return read("spec.interfaceName", name, LONGEST);
    }
}
