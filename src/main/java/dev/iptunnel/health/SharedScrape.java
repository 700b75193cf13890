package dev.iptunnel.health;

import java.lang.ref.WeakReference;
import java.util.function.Supplier;

/**
 * Makes the page of metrics one at a time. Whoever asks while a page is made gets the next one, together with all others
 * that wait: however many ask, two pages are in memory. A page is never older than the question.
 */
public final class SharedScrape implements Supplier<byte[]> {
    private final Supplier<byte[]> page;
    /** Collected when nobody sends it any more. */
    private WeakReference<byte[]> last = new WeakReference<>(new byte[0]);

    private long begun = System.nanoTime();

    /** @param page makes a page */
    public SharedScrape(Supplier<byte[]> page) {
        this.page = page;
    }

    @Override
    public byte[] get() {
        return get(System.nanoTime());
    }

    private synchronized byte[] get(long asked) {
        byte[] made = last.get();
        if (made != null && begun - asked > 0) {
            return made;
        }
        begun = System.nanoTime();
        byte[] now = page.get();
        last = new WeakReference<>(now);
        return now;
    }
}
