package dev.iptunnel.agent.confirm;

import dev.iptunnel.confirm.HeldTunnel;
import dev.iptunnel.tunnel.Mark;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The changes that are not confirmed yet, and those that were undone, here and in a {@link ChangeStore}. Thread-safe. */
final class ChangeJournal {
    private static final Logger log = LoggerFactory.getLogger(ChangeJournal.class);

    private final ChangeStore store;
    private final Boot boot;
    private final Consumer<Cause> counter;
    private final Map<String, StoredChange> undone = new ConcurrentHashMap<>();

    /** @param counter is told why a change was undone */
    ChangeJournal(ChangeStore store, Boot boot, Consumer<Cause> counter) {
        this.store = store;
        this.boot = boot;
        this.counter = counter;
        store.all().stream()
                .filter(change -> change.rolledBack() != null)
                .forEach(change -> undone.put(change.uid(), change));
    }

    /**
     * A change is about to be made.
     *
     * @param patience how long an answer is waited for
     */
    StoredChange begin(Mark mark, long generation, Set<InetSocketAddress> servers, Duration patience, HeldTunnel held) {
        StoredChange change = new StoredChange(
                StoredChange.FORMAT,
                mark.manager(),
                mark.uid(),
                mark.name(),
                generation,
                servers.stream().map(ApiServerAnswers::text).sorted().toList(),
                boot.id(),
                boot.seconds() + patience.toSeconds(),
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

    /** The change of the object of this UID that was undone. */
    Optional<StoredChange> undone(String uid) {
        return Optional.ofNullable(undone.get(uid));
    }

    void forget(String uid) {
        undone.remove(uid);
        store.remove(uid);
    }

    /** Forgets what was undone of objects that are gone. */
    void retain(Collection<String> uids) {
        undone.keySet().stream().filter(uid -> !uids.contains(uid)).toList().forEach(this::forget);
    }

    /** The changes that a former process began, and of which it did not see an answer. */
    List<StoredChange> interrupted() {
        return store.all().stream()
                .filter(change -> change.rolledBack() == null)
                .toList();
    }
}
