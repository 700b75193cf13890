package dev.iptunnel.manifest;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The texts behind the names that a user gives: files, directories, the standard input.
 *
 * @param standardInput read where the name is {@code -}
 */
record ManifestFiles(InputStream standardInput) {
    private static final String STANDARD_INPUT = "-";
    private static final List<String> ENDINGS = List.of(".yaml", ".yml", ".json");

    /**
     * Reads what has that name.
     *
     * @param texts takes the name and the content of each file
     * @param problems takes why a file cannot be read
     */
    void read(String name, BiConsumer<String, String> texts, Consumer<Problem> problems) {
        try {
            if (name.equals(STANDARD_INPUT)) {
                texts.accept("standard input", decode(standardInput.readAllBytes()));
            } else if (Files.isDirectory(Path.of(name))) {
                for (Path file : in(Path.of(name))) {
                    read(file.toString(), texts, problems);
                }
            } else {
                texts.accept(name, decode(Files.readAllBytes(Path.of(name))));
            }
        } catch (NoSuchFileException e) {
            problems.accept(problem(name, "there is no such file"));
        } catch (AccessDeniedException e) {
            problems.accept(problem(name, "this user may not read it"));
        } catch (CharacterCodingException e) {
            problems.accept(problem(name, "is no text in UTF-8"));
        } catch (IOException | InvalidPathException e) {
            problems.accept(problem(name, "cannot be read: " + e.getMessage()));
        }
    }

    private static List<Path> in(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> isManifest(file.getFileName().toString()))
                    .sorted()
                    .toList();
        }
    }

    private static boolean isManifest(String file) {
        return !file.startsWith(".") && ENDINGS.stream().anyMatch(file::endsWith);
    }

    private static Problem problem(String name, String message) {
        return new Problem(Place.file(name), "", message);
    }

    private static String decode(byte[] bytes) throws CharacterCodingException {
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes))
                .toString();
    }
}
