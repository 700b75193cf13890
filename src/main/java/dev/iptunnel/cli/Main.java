package dev.iptunnel.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code iptunnel}: IP-in-IP tunnels as Kubernetes objects. */
@Command(
        name = "iptunnel",
        description = "IP-in-IP tunnels as Kubernetes objects.",
        mixinStandardHelpOptions = true,
        subcommands = {AgentCommand.class, DiagnoseCommand.class})
public final class Main {
    private Main() {}

    public static void main(String... arguments) {
        System.exit(new CommandLine(new Main())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments));
    }
}
