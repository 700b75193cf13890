package dev.iptunnel.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.iptunnel.netlink.message.NetlinkMessage;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.Mark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Decodes messages that a kernel sent, with random damage. e2e/fuzz does the same for longer, guided by coverage. */
class DecoderFuzzTest {
    private static final int TRIES = 200;

    @Test
    void damaged_messages_and_marks_are_decoded_or_refused() {
        Random random = new Random(1);
        List<byte[]> seeds = seeds();
        assertThat(seeds).hasSizeGreaterThan(100);
        for (byte[] seed : seeds) {
            assertThatCode(() -> DecoderFuzz.fuzzerTestOneInput(seed)).doesNotThrowAnyException();
            for (int attempt = 0; attempt < TRIES; attempt++) {
                byte[] damaged = damaged(seed, random);
                assertThatCode(() -> DecoderFuzz.fuzzerTestOneInput(damaged))
                        .as(HexFormat.of().formatHex(damaged))
                        .doesNotThrowAnyException();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 15, 17, 32, 33, 0x7fff_fff0, 0x7fff_fffe, Integer.MAX_VALUE})
    void a_message_that_claims_any_length_is_decoded_or_refused(int length) {
        for (byte[] seed : seeds()) {
            ByteBuffer damaged = ByteBuffer.wrap(seed.clone()).order(ByteOrder.nativeOrder());
            int first = 1;
            int second = Math.max(first, Math.min(first + damaged.getInt(first), seed.length - NetlinkMessage.HEADER));
            for (int start : new int[] {first, second}) {
                damaged.putInt(start, length);
                assertThatCode(() -> DecoderFuzz.fuzzerTestOneInput(damaged.array()))
                        .as(HexFormat.of().formatHex(damaged.array()))
                        .doesNotThrowAnyException();
            }
        }
    }

    private static byte[] damaged(byte[] seed, Random random) {
        byte[] copy = seed.clone();
        for (int i = 0; i < 1 + random.nextInt(4); i++) {
            int at = 1 + random.nextInt(copy.length - 1);
            copy[at] = switch (random.nextInt(4)) {
                case 0 -> (byte) random.nextInt();
                case 1 -> (byte) (copy[at] + 1);
                case 2 -> 0;
                default -> (byte) (copy[at] ^ 1 << random.nextInt(8));
            };
        }
        return copy;
    }

    private static List<byte[]> seeds() {
        try (Stream<Path> files = Files.list(Path.of(Objects.requireNonNull(Capture.class.getResource("monitor.hex"))
                        .toURI())
                .resolveSibling("."))) {
            List<Capture> captures = captures(files);
            return DecoderFuzz.seeds(
                    captures,
                    new Mark("11111111-2222-3333-4444-555555555555", "uid-of-tun", DeletionPolicy.RETAIN, "tun"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Capture> captures(Stream<Path> files) {
        return files.map(file -> file.getFileName().toString())
                .filter(name -> name.endsWith(".hex"))
                .sorted()
                .map(name -> Capture.of(name.substring(0, name.length() - ".hex".length())))
                .toList();
    }

    /** Writes the first corpus of e2e/fuzz into the folder. */
    static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        List<byte[]> seeds = seeds();
        for (int i = 0; i < seeds.size(); i++) {
            Files.write(folder.resolve("seed-" + i), seeds.get(i));
        }
    }
}
