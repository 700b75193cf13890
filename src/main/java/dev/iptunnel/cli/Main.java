package dev.iptunnel.cli;

import java.io.PrintWriter;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code iptunnel}: IP-in-IP tunnels as Kubernetes objects. */
@Command(
        name = "iptunnel",
        description = "IP-in-IP tunnels as Kubernetes objects.",
        mixinStandardHelpOptions = true,
        subcommands = {
            AgentCommand.class,
            ControllerCommand.class,
            GetCommand.class,
            PlanCommand.class,
            ApplyCommand.class,
            DeleteCommand.class,
            DiagnoseCommand.class,
            MapCommand.class,
            GenerateCompletion.class,
        },
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%n",
        footer =
                "`iptunnel COMMAND --help` has examples and the exit codes. Completion in bash, and in zsh after `autoload -U"
                        + " bashcompinit; bashcompinit`: source <(iptunnel generate-completion)")
public final class Main {
    private static final int WIDTH = 100;
    private static final String LOGBACK = "logback.configurationFile";
    private static final String ERRORS_ONLY = "dev/iptunnel/cli/logback-command.xml";

    private Main() {}

    public static void main(String... arguments) {
        if (arguments.length == 0 || !arguments[0].equals("agent")) {
            System.setProperty(LOGBACK, ERRORS_ONLY);
        }
        System.exit(commandLine().execute(arguments));
    }

    /** Runs a command, and returns its exit code. */
    public static int run(PrintWriter out, PrintWriter err, String... arguments) {
        return commandLine().setOut(out).setErr(err).execute(arguments);
    }

    static CommandLine commandLine() {
        CommandLine iptunnel = new CommandLine(new Main());
        ProgramVersion version = new ProgramVersion();
        iptunnel.getCommandSpec().versionProvider(version);
        iptunnel.getSubcommands().values().forEach(command -> command.getCommandSpec()
                .versionProvider(version));
        return iptunnel.setUsageHelpWidth(WIDTH)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Failures::ofUsage)
                .setExecutionExceptionHandler(Failures::ofExecution);
    }
}
