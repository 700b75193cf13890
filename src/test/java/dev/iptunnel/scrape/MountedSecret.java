package dev.iptunnel.scrape;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

/**
 * A directory as the kubelet mounts a Secret: {@code tls.crt} leads to {@code ..data/tls.crt}, and {@code ..data} to the
 * directory of this content. New content gets a directory of its own, and then {@code ..data} is replaced by one rename.
 */
final class MountedSecret {
    private final Path directory;
    private int contents;

    MountedSecret(Path directory) {
        this.directory = directory;
    }

    Path directory() {
        return directory;
    }

    /** Replaces the content, and removes the earlier one. */
    void put(String certificate, String key) throws IOException {
        contents++;
        Path content = Files.createDirectory(directory.resolve("..2026_01_02_03_04_05." + contents));
        Files.writeString(content.resolve("tls.crt"), certificate);
        Files.writeString(content.resolve("tls.key"), key);
        Path data = directory.resolve("..data");
        List<Path> earlier = Files.exists(data) ? List.of(data.toRealPath()) : List.of();
        Path next = Files.createSymbolicLink(directory.resolve("..data_tmp"), content.getFileName());
        Files.move(next, data, StandardCopyOption.ATOMIC_MOVE);
        for (String file : List.of("tls.crt", "tls.key")) {
            if (!Files.isSymbolicLink(directory.resolve(file))) {
                Files.createSymbolicLink(directory.resolve(file), Path.of("..data", file));
            }
        }
        earlier.forEach(MountedSecret::remove);
    }

    private static void remove(Path content) {
        try (Stream<Path> files = Files.list(content)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static SelfSigned pair(String name) throws GeneralSecurityException {
        return SelfSigned.of(name, List.of(), Instant.now());
    }

    static String certificate(SelfSigned pair) throws GeneralSecurityException {
        return pem("CERTIFICATE", pair.certificate().getEncoded());
    }

    static String key(SelfSigned pair) {
        return pem("PRIVATE KEY", pair.key().getPrivate().getEncoded());
    }

    static String pem(String label, byte[] der) {
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
                .formatted(label, Base64.getMimeEncoder().encodeToString(der), label);
    }
}
