package dev.iptunnel.agent.confirm;

import dev.iptunnel.agent.program.Trial;
import dev.iptunnel.kernel.TunnelKernel;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.tunnel.DesiredTunnel;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Undoes changes that cut the node off from the API server. A change that may do so is written to disk before it is made,
 * and taken off when the API server has answered after it. One that was undone stays on disk, and is not made again
 * before the object asks for something else. Thread-safe.
 */
public final class ChangeTrials {
    private final TunnelKernel kernel;
    private final ConfirmSettings settings;
    private final Boot boot;
    private final ApiServerAnswers answers;
    private final ChangeJournal journal;

    ChangeTrials(
            TunnelKernel kernel,
            ConfirmSettings settings,
            ChangeStore store,
            Lifeline lifeline,
            Boot boot,
            InstantSource steady,
            Consumer<Cause> counter) {
        this.kernel = kernel;
        this.settings = settings;
        this.boot = boot;
        this.answers = new ApiServerAnswers(lifeline, settings.silence(), steady);
        this.journal = new ChangeJournal(store, boot, counter);
    }

    /**
     * Trials on this machine.
     *
     * @param counter is told why a change was undone
     */
    public static ChangeTrials of(
            TunnelKernel kernel, ConfirmSettings settings, InstantSource steady, Consumer<Cause> counter) {
        return new ChangeTrials(
                kernel,
                settings,
                settings.folder()
                        .map(folder -> ChangeFiles.in(folder.resolve("changes")))
                        .orElse(ChangeStore.NONE),
                new TcpLifeline(),
                Boot.ofThisMachine(),
                steady,
                counter);
    }

    /** The API server is reached by these from now on. */
    public void follow(Set<InetSocketAddress> apiServer) {
        answers.follow(apiServer);
    }

    /** A trial of the next change of an object. */
    public Trial of(long generation) {
        return settings.enabled() ? new Probation(generation, kernel, answers, journal) : Trial.NONE;
    }

    /**
     * Ends the trials that a former process began, before the API server is needed. Returns after half a minute or so if the
     * API server does not answer.
     */
    public void resume() {
        if (settings.enabled()) {
            InterruptedTrials interrupted = new InterruptedTrials(kernel, answers, journal, boot);
            journal.interrupted().forEach(interrupted::end);
        }
    }

    /**
     * What was undone of this generation of the object, and is not to be made again.
     *
     * @param desired what the object asks for
     */
    public Optional<Trial.Undo> undone(DesiredTunnel desired, long generation) {
        String uid = desired.mark().uid();
        Optional<StoredChange> change = journal.undone(uid);
        if (change.isPresent() && change.get().generation() != generation) {
            journal.forget(uid);
            return Optional.empty();
        }
        return change.map(undone -> new Trial.Undo(
                HeldSpec.read(undone).map(tunnel -> tunnel.of(desired.mark(), desired.created())),
                new Refusal(Reason.ROLLED_BACK, Objects.requireNonNullElse(undone.rolledBack(), ""))));
    }

    /** Forgets the changes of objects that are gone. */
    public void retain(Collection<String> uids) {
        journal.retain(uids);
    }
}
