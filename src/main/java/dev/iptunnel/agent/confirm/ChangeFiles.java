package dev.iptunnel.agent.confirm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One file a change in a folder of the node, named by the object's UID. A file is written beside its place, synchronised and
 * renamed, so it is whole or absent. Where a file cannot be written, the change is made all the same: it is undone as
 * well, only not if the agent ends meanwhile.
 */
final class ChangeFiles implements ChangeStore {
    private static final Logger log = LoggerFactory.getLogger(ChangeFiles.class);
    private static final String SUFFIX = ".json";
    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rwx------");
    private static final ObjectMapper JSON = JsonMapper.builder()
            .configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false)
            .build();

    private final Path folder;

    private ChangeFiles(Path folder) {
        this.folder = folder;
    }

    /** The store in this folder, which is created; one that keeps nothing if that fails. */
    static ChangeStore in(Path folder) {
        try {
            Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(PRIVATE));
            return new ChangeFiles(folder);
        } catch (IOException e) {
            log.atWarn()
                    .log(
                            "changes that cut the node off are not remembered over a restart: {} cannot be used: {}",
                            folder,
                            e.toString());
            return ChangeStore.NONE;
        }
    }

    @Override
    public List<StoredChange> all() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(SUFFIX))
                    .sorted()
                    .flatMap(file -> read(file).stream())
                    .toList();
        } catch (IOException e) {
            log.atWarn().log("{} cannot be read: {}", folder, e.toString());
            return List.of();
        }
    }

    private static Optional<StoredChange> read(Path file) {
        try {
            StoredChange change = JSON.readValue(file.toFile(), StoredChange.class);
            if (change.format() == StoredChange.FORMAT
                    && file.getFileName().toString().equals(change.uid() + SUFFIX)) {
                return Optional.of(change);
            }
            log.atWarn().log("{} is ignored: it is of format {} and of object {}", file, change.format(), change.uid());
        } catch (IOException e) {
            log.atWarn().log("{} is ignored: {}", file, firstLine(e));
        }
        return Optional.empty();
    }

    private static String firstLine(IOException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    @Override
    public void save(StoredChange change) {
        Path file = file(change.uid());
        Path beside = folder.resolve(change.uid() + ".new");
        try {
            write(beside, JSON.writeValueAsBytes(change));
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            synchronise(folder);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            log.atWarn().log("{} cannot be written: {}", file, e.toString());
        }
    }

    private static void write(Path file, byte[] content) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer buffer = ByteBuffer.wrap(content);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
    }

    /** A rename survives a power cut only when its folder is on disk. */
    private static void synchronise(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public void remove(String uid) {
        try {
            if (Files.deleteIfExists(file(uid))) {
                synchronise(folder);
            }
        } catch (IOException e) {
            log.atWarn().log("{} cannot be removed: {}", file(uid), e.toString());
        }
    }

    private Path file(String uid) {
        return folder.resolve(uid + SUFFIX);
    }
}
