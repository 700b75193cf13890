package dev.iptunnel.cli;

import java.util.Arrays;

/** The main class of the executable file {@code iptunnel}, whose first argument is the path of that file. */
public final class Script {
    private Script() {}

    public static void main(String... arguments) {
        Main.main(Arrays.copyOfRange(arguments, Math.min(1, arguments.length), arguments.length));
    }
}
