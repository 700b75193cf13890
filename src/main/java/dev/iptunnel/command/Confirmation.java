package dev.iptunnel.command;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Undoes changes that nobody confirms: they may have cut the connection of the person who made them. A signal that ends the
 * process, such as SIGHUP of a terminal that is gone, undoes them too.
 */
public final class Confirmation {
    private final InputStream input;
    private final Duration patience;
    private final Report report;

    /** @param input on which a line confirms; its end does not */
    public Confirmation(InputStream input, Duration patience, Report report) {
        this.input = input;
        this.patience = patience;
        this.report = report;
    }

    /** Waits for the person, or undoes. */
    public void orElse(Runnable undo) {
        AtomicBoolean decided = new AtomicBoolean();
        Runnable once = () -> {
            if (decided.compareAndSet(false, true)) {
                report.failed(Exit.NOT_CONFIRMED, "not confirmed: the changes are undone");
                undo.run();
            }
        };
        Thread atEnd = Thread.ofPlatform().unstarted(once);
        Runtime.getRuntime().addShutdownHook(atEnd);
        report.note("press Enter within %d s to keep the changes; otherwise they are undone"
                .formatted(patience.toSeconds()));
        if (isConfirmed() && decided.compareAndSet(false, true)) {
            report.note("the changes are kept");
        } else {
            once.run();
        }
        forget(atEnd);
    }

    private boolean isConfirmed() {
        CompletableFuture<Boolean> line = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> line.complete(readLine()));
        try {
            return line.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException | TimeoutException | ExecutionException e) {
            return false;
        }
    }

    private boolean readLine() {
        try {
            int next = input.read();
            while (next >= 0 && next != '\n') {
                next = input.read();
            }
            return next == '\n';
        } catch (IOException e) {
            return false;
        }
    }

    /** While the process ends, the other thread undoes, and this one must not end it first. */
    private static void forget(Thread atEnd) {
        try {
            Runtime.getRuntime().removeShutdownHook(atEnd);
        } catch (IllegalStateException ending) {
            try {
                atEnd.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
