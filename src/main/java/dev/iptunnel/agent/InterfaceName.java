package dev.iptunnel.agent;

import java.util.Set;
import java.util.regex.Pattern;

/** The names that an interface can have, and those that a tunnel's can. */
final class InterfaceName {
    private static final Pattern VALID = Pattern.compile("[!-~&&[^/:%]]{1,15}");
    private static final Set<String> DOTS = Set.of(".", "..");
    private static final Set<String> KERNELS_OWN = Set.of("lo", "all", "default", "tunl0", "sit0", "ip6tnl0");

    private InterfaceName() {}

    static String read(String field, String name) {
        if (!VALID.matcher(name).matches() || DOTS.contains(name)) {
            throw new InvalidSpecException(field + ": \"" + name + "\" is no name for an interface: write 1 to 15"
                    + " printable ASCII characters, none of them \"/\", \":\", \"%\" or a space, and neither \".\" nor"
                    + " \"..\"");
        }
        return name;
    }

    static String readOfTunnel(String name) {
        if (KERNELS_OWN.contains(name)) {
            throw new InvalidSpecException(
                    "spec.interfaceName: \"" + name + "\" is a name that the kernel uses for itself: write another");
        }
        return read("spec.interfaceName", name);
    }
}
