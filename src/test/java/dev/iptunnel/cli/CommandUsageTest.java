package dev.iptunnel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** A wrong command line is answered with the right one. */
class CommandUsageTest {
    private record Answer(int code, String out, List<String> errors) {}

    private static Answer run(String command) {
        StringWriter out = new StringWriter();
        StringWriter errors = new StringWriter();
        int code = Main.run(new PrintWriter(out, true), new PrintWriter(errors, true), command.split(" "));
        return new Answer(code, out.toString(), errors.toString().lines().toList());
    }

    /** Every command of this program with each of its long options. */
    static Stream<String> options() {
        return Main.commandLine().getSubcommands().entrySet().stream()
                .filter(command -> !(command.getValue().getCommand() instanceof GenerateCompletion))
                .flatMap(command -> command.getValue().getCommandSpec().options().stream()
                        .filter(option -> !option.hidden())
                        .map(OptionSpec::longestName)
                        .map(option -> command.getKey() + " " + option));
    }

    @ParameterizedTest
    @MethodSource("options")
    void a_misspelt_option_is_answered_with_the_right_one(String command) {
        String option = command.substring(command.indexOf(' ') + 1);
        String misspelt = option.substring(0, 4) + option.substring(5);

        Answer answer = run(command.replace(option, misspelt));

        assertThat(answer.code()).isEqualTo(64);
        assertThat(answer.out()).isEmpty();
        assertThat(answer.errors())
                .containsExactly(
                        "Unknown option: '" + misspelt + "'",
                        "Did you mean: " + option + "?",
                        "See `iptunnel " + command.substring(0, command.indexOf(' ')) + " --help`.");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gett | Did you mean: iptunnel get?",
                "diagnos to-berlin | Did you mean: iptunnel diagnose?",
                "aply -f x | Did you mean: iptunnel apply?",
                "--hlp | Did you mean: --help?",
                "plan --filname=x | Did you mean: --filename?",
                "apply -f x --force | Possible solutions: --force-cluster-owned",
            })
    void a_misspelt_word_is_answered_with_the_right_one(String command, String says) {
        Answer answer = run(command);

        assertThat(answer.code()).isEqualTo(64);
        assertThat(answer.errors()).hasSize(3).element(1).isEqualTo(says);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "get -o yml | Invalid value for option '--output': expected one of [table, wide, json, yaml, ip]",
                "get a b | Unmatched argument",
                "plan | Error: Missing required argument(s): [-f=FILE]",
                "plan -f | Missing required parameter for option '--filename' (FILE)",
                "delete | write either NAME or -f FILE",
                "delete a -f x | write either NAME or -f FILE",
                "diagnose --watch-counters 1h | Invalid value for option '--watch-counters': \"1h\" is no duration;",
                "map -o png | Invalid value for option '--output': expected one of [svg, mermaid]",
            })
    void what_is_missing_or_wrong_is_said_in_one_line(String command, String says) {
        Answer answer = run(command);

        assertThat(answer.code()).isEqualTo(64);
        assertThat(answer.out()).isEmpty();
        assertThat(answer.errors()).hasSize(2).first().asString().startsWith(says);
    }

    @ParameterizedTest
    @ValueSource(strings = {"get", "plan", "apply", "delete", "diagnose", "map"})
    void the_help_of_a_command_has_examples_and_exit_codes(String command) {
        Answer answer = run(command + " --help");

        assertThat(answer.code()).isZero();
        assertThat(answer.out())
                .contains("Examples:\n  iptunnel " + command)
                .contains("Exit codes:\n  0    ")
                .contains("  64   wrong usage");
        assertThat(answer.out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--version", "get --version", "agent -V"})
    void the_version_is_that_of_the_program(String command) {
        assertThat(run(command))
                .isEqualTo(new Answer(0, "iptunnel unknown, Java " + Runtime.version() + "\n", List.of()));
    }

    /** The README is for a person on a node, who does not start the agent or the controller. */
    @Test
    void the_README_has_each_command_and_each_exit_code() throws IOException {
        List<CommandLine> commands = Main.commandLine().getSubcommands().values().stream()
                .filter(command -> !Set.of("agent", "controller").contains(command.getCommandName()))
                .toList();
        Set<String> codes = commands.stream()
                .flatMap(command -> command.getCommandSpec().usageMessage().exitCodeList().keySet().stream())
                .collect(Collectors.toSet());

        String readme = Files.readString(Path.of("deploy", "node", "README.md"));

        assertThat(commands).allSatisfy(command -> assertThat(readme)
                .containsPattern("(?m)^\\| `" + command.getCommandName() + "[ `].* \\| (yes|never) \\|$"));
        assertThat(codes).contains("0", "1", "2", "3", "4", "5", "64").allSatisfy(code -> assertThat(readme)
                .containsPattern("(?m)^\\| " + code + " \\| "));
    }

    @Test
    void the_help_of_the_program_names_every_command() {
        assertThat(run("--help").out())
                .contains(Main.commandLine().getSubcommands().keySet());
    }
}
