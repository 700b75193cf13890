package dev.iptunnel.cli;

import dev.iptunnel.agent.cluster.StartRefusedException;
import dev.iptunnel.command.Exit;
import dev.iptunnel.kernel.KernelException;
import dev.iptunnel.libc.LibcException;
import dev.iptunnel.manifest.NearestName;
import dev.iptunnel.netlink.message.NetlinkException;
import java.io.PrintWriter;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** What a user reads when a command cannot do its work. */
final class Failures {
    /** {@code EX_USAGE} of sysexits.h; 2 is an answer of {@code plan}. */
    static final int USAGE = 64;

    private Failures() {}

    /** The command line is wrong. */
    static int ofUsage(ParameterException e, String... arguments) {
        CommandLine command = e.getCommandLine();
        PrintWriter err = command.getErr();
        err.println(e.getMessage());
        nearest(e)
                .ifPresentOrElse(
                        name -> err.println("Did you mean: " + name + "?"),
                        () -> UnmatchedArgumentException.printSuggestions(e, err));
        err.println("See `" + command.getCommandSpec().qualifiedName() + " --help`.");
        return USAGE;
    }

    /** The option or command that somebody misspelt. */
    private static Optional<String> nearest(ParameterException e) {
        CommandSpec command = e.getCommandLine().getCommandSpec();
        return e instanceof UnmatchedArgumentException unmatched
                ? unmatched.getUnmatched().stream().findFirst().flatMap(word -> nearest(word, command))
                : Optional.empty();
    }

    private static Optional<String> nearest(String word, CommandSpec command) {
        return word.startsWith("-")
                ? NearestName.of(
                        word.replaceFirst("=.*", ""), command.optionsMap().keySet())
                : NearestName.of(word, command.subcommands().keySet())
                        .map(name -> command.qualifiedName() + " " + name);
    }

    /** The command failed: one line if the user can do something about it. */
    static int ofExecution(Exception e, CommandLine command, ParseResult arguments) {
        PrintWriter err = command.getErr();
        switch (e) {
            case KernelException refused -> err.println(refused.detail());
            case LibcException unasked -> err.println("the kernel cannot be asked: " + unasked.getMessage());
            case NetlinkException unasked -> err.println("the kernel cannot be asked: " + unasked.getMessage());
            case StartRefusedException refused -> err.println(refused.getMessage());
            default -> e.printStackTrace(err);
        }
        return Exit.ERROR.code();
    }
}
