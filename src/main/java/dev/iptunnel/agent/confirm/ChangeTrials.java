package dev.iptunnel.agent.confirm;

import dev.iptunnel.agent.program.Trial;
import dev.iptunnel.agent.spec.InvalidSpecException;
import dev.iptunnel.confirm.HeldTunnel;
import dev.iptunnel.kernel.TunnelKernel;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.Mark;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Undoes changes that cut the node off from the API server. A change that may do so is written to disk before it is made,
 * and taken off when the API server has answered after it. One that was undone stays on disk, and is not made again
 * before the object asks for something else. Thread-safe.
 */
public final class ChangeTrials {
    private static final Logger log = LoggerFactory.getLogger(ChangeTrials.class);
    private static final int TRIES = 10;

    private final TunnelKernel kernel;
    private final ConfirmSettings settings;
    private final ChangeStore store;
    private final Lifeline lifeline;
    private final Boot boot;
    private final InstantSource steady;
    private final Consumer<Cause> counter;
    private final Map<String, StoredChange> undone = new ConcurrentHashMap<>();
    private volatile Set<InetSocketAddress> servers = Set.of();

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
        this.store = store;
        this.lifeline = lifeline;
        this.boot = boot;
        this.steady = steady;
        this.counter = counter;
        store.all().stream()
                .filter(change -> change.rolledBack() != null)
                .forEach(change -> undone.put(change.uid(), change));
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
        servers = Set.copyOf(apiServer);
    }

    /** A trial of the next change of an object. */
    public Trial of(long generation) {
        return settings.enabled() ? new Probation(generation, this, kernel) : Trial.NONE;
    }

    /**
     * What was undone of this generation of the object, and is not to be made again.
     *
     * @param desired what the object asks for
     */
    public Optional<Trial.Undo> undone(DesiredTunnel desired, long generation) {
        String uid = desired.mark().uid();
        StoredChange change = undone.get(uid);
        if (change == null) {
            return Optional.empty();
        }
        if (change.generation() != generation) {
            forget(uid);
            return Optional.empty();
        }
        Optional<DesiredTunnel> held = held(change).map(tunnel -> tunnel.of(desired.mark(), desired.created()));
        return Optional.of(new Trial.Undo(held, refusal(change)));
    }

    private static Refusal refusal(StoredChange change) {
        String why = change.rolledBack();
        return new Refusal(Reason.ROLLED_BACK, why == null ? "" : why);
    }

    static Optional<DesiredTunnel> held(StoredChange change) {
        try {
            return Optional.ofNullable(change.held())
                    .filter(spec -> !spec.isNull())
                    .map(spec -> HeldSpec.read(change, spec));
        } catch (InvalidSpecException e) {
            log.atWarn()
                    .addKeyValue("tunnel", change.name())
                    .log("the tunnel before cannot be read, and is not restored: {}", e.detail());
            return Optional.empty();
        }
    }

    /** Forgets the changes of objects that are gone. */
    public void retain(Collection<String> uids) {
        undone.keySet().stream().filter(uid -> !uids.contains(uid)).toList().forEach(this::forget);
    }

    private void forget(String uid) {
        undone.remove(uid);
        store.remove(uid);
    }

    /** The changes that a former process began, and of which it did not see an answer. */
    List<StoredChange> interrupted() {
        return settings.enabled()
                ? store.all().stream()
                        .filter(change -> change.rolledBack() == null)
                        .toList()
                : List.of();
    }

    Boot boot() {
        return boot;
    }

    Set<InetSocketAddress> servers() {
        return servers;
    }

    boolean answers(Set<InetSocketAddress> reached, Duration patience) {
        return !reached.isEmpty() && lifeline.answers(reached, patience);
    }

    Duration patience() {
        return settings.silence();
    }

    /** How long one try waits for an answer. */
    Duration oneTry() {
        return settings.silence().dividedBy(TRIES);
    }

    Instant now() {
        return steady.instant();
    }

    /** A change is about to be made. */
    StoredChange begin(Mark mark, long generation, Set<InetSocketAddress> reached, HeldTunnel held) {
        StoredChange change = new StoredChange(
                StoredChange.FORMAT,
                mark.manager(),
                mark.uid(),
                mark.name(),
                generation,
                reached.stream().map(ChangeTrials::text).sorted().toList(),
                boot.id(),
                boot.seconds() + settings.silence().toSeconds(),
                held instanceof HeldTunnel.Tunnel(var tunnel) ? HeldSpec.of(tunnel) : null,
                null);
        store.save(change);
        return change;
    }

    void confirmed(StoredChange change) {
        store.remove(change.uid());
    }

    void rolledBack(StoredChange change, String why, Cause cause) {
        StoredChange kept = change.undone(why);
        store.save(kept);
        undone.put(kept.uid(), kept);
        counter.accept(cause);
        log.atError().addKeyValue("tunnel", change.name()).log(why);
    }

    static String text(InetSocketAddress server) {
        String address = IpFamily.format(server.getAddress());
        return (server.getAddress().getAddress().length == 4 ? address : "[" + address + "]") + ":" + server.getPort();
    }
}
