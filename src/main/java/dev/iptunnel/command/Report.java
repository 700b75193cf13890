package dev.iptunnel.command;

import dev.iptunnel.manifest.NodeManifests;
import dev.iptunnel.manifest.Problem;
import dev.iptunnel.plan.Refusal;
import java.io.PrintWriter;
import java.util.List;

/** Where a command says what it did, and how it ends. */
public final class Report {
    private final PrintWriter out;
    private final PrintWriter err;
    private Exit exit = Exit.OK;

    /**
     * A report of nothing yet.
     *
     * @param out takes what was asked for
     * @param err takes problems, one line each
     */
    public Report(PrintWriter out, PrintWriter err) {
        this.out = out;
        this.err = err;
    }

    /** One line about a tunnel; it is out before the next change is made, which may end the connection of who reads it. */
    void line(String name, String what) {
        out.println(name + ": " + what);
        out.flush();
    }

    /** Lines below the last one. */
    void below(String lines) {
        lines.lines().forEach(line -> out.println("  " + line));
        out.flush();
    }

    /** Something was not done. */
    public void failed(Exit how, String why) {
        err.println(why);
        err.flush();
        ends(how);
    }

    void refused(String name, Refusal refusal) {
        line(name, refusal.toString());
        ends(Exit.of(refusal.reason()));
    }

    /** Says something that is no failure. */
    public void note(String what) {
        err.println(what);
        err.flush();
    }

    void ends(Exit how) {
        exit = exit.and(how);
    }

    /** Says which manifests ask for nothing here. */
    public void manifests(NodeManifests manifests, String nodeName) {
        problems(manifests.problems());
        manifests
                .ofOtherNodes()
                .forEach(other -> note(other.place() + ": skipped, \"" + other.name() + "\" is for node "
                        + other.tunnel().getSpec().nodeName() + " and this is " + nodeName));
        if (manifests.wanted().isEmpty() && !manifests.ofOtherNodes().isEmpty()) {
            note("no manifest is for node " + nodeName + "; --node-name says which node this is");
        }
    }

    /** Another process holds the writer's lock. */
    public void locked(String holder) {
        failed(
                Exit.LOCKED,
                "nothing is changed: the writer's lock of this network namespace is held by " + holder
                        + "; change its IpTunnels instead, or stop it first");
    }

    public void problems(List<Problem> problems) {
        problems.forEach(problem -> failed(Exit.ERROR, problem.toString()));
    }

    public Exit exit() {
        return exit;
    }
}
