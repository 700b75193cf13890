package dev.iptunnel.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** All that was done and seen, with the seconds since the start: printed, and kept in the folder of the run. */
final class History {
    private final Path folder;
    private final long start = System.nanoTime();

    History(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
            Files.deleteIfExists(folder.resolve("history"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path folder() {
        return folder;
    }

    synchronized void say(String text) {
        String line = "%7.1f %s".formatted((System.nanoTime() - start) / 1e9, text);
        System.out.println(line);
        append("history", line + "\n");
    }

    /** Into a file beside the history. */
    void append(String file, String text) {
        try {
            Files.writeString(folder.resolve(file), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
