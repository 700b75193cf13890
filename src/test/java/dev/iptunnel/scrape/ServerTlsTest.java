package dev.iptunnel.scrape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.iptunnel.http.HttpAnswer;
import dev.iptunnel.http.HttpServer;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ServerTlsTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final Path directory;

    ServerTlsTest(@TempDir Path directory) {
        this.directory = directory;
    }

    private static HttpServer serve(ServerTls tls) {
        return new HttpServer(
                "test",
                new HttpServer.Settings(ANY_PORT, "--metrics-address", tls, Duration.ofSeconds(5)),
                _ -> HttpAnswer.text(200, "ok"));
    }

    /** Asks, and returns the certificate that the server showed. */
    private static X509Certificate ask(HttpServer server) throws IOException {
        TlsClient.Shown shown = TlsClient.ask(server.port(), "GET / HTTP/1.1\r\n\r\n");
        assertThat(shown.answer()).startsWith("HTTP/1.1 200 OK").endsWith("\r\n\r\nok\n");
        return shown.certificate();
    }

    private void write(SelfSigned pair, String label, byte[] key) throws IOException, GeneralSecurityException {
        Files.writeString(directory.resolve("tls.crt"), MountedSecret.certificate(pair));
        Files.writeString(directory.resolve("tls.key"), MountedSecret.pem(label, key));
    }

    private SelfSigned write(String name) throws IOException, GeneralSecurityException {
        SelfSigned pair = SelfSigned.of(name, List.of(), Instant.now());
        write(pair, "PRIVATE KEY", pair.key().getPrivate().getEncoded());
        return pair;
    }

    @Test
    void a_certificate_of_its_own_names_the_node_and_its_addresses() throws Exception {
        // given
        List<InetAddress> addresses = List.of(InetAddress.ofLiteral("192.0.2.7"), InetAddress.ofLiteral("2001:db8::7"));

        // when
        X509Certificate shown;
        try (HttpServer server = serve(ServerTls.selfSigned("node1.example", addresses))) {
            shown = ask(server);
            assertThat(ask(server)).isEqualTo(shown);
        }

        // then
        shown.verify(shown.getPublicKey());
        shown.checkValidity();
        assertThat(shown.getSubjectX500Principal().getName()).isEqualTo("CN=node1.example");
        Collection<String> names = shown.getSubjectAlternativeNames().stream()
                .map(name -> name.get(1).toString())
                .toList();
        assertThat(names).containsExactly("node1.example", "192.0.2.7", "2001:db8:0:0:0:0:0:7");
        assertThat(shown.getVersion()).isEqualTo(3);
    }

    @Test
    void a_mounted_certificate_is_replaced_while_the_server_runs() throws Exception {
        // given
        SelfSigned first = write("first");
        try (HttpServer server = serve(ServerTls.mounted(directory))) {
            X509Certificate before = ask(server);

            // when
            SelfSigned second = write("second");

            // then
            assertThat(before).isEqualTo(first.certificate());
            assertThat(ask(server)).isEqualTo(second.certificate());
        }
    }

    @Test
    void a_certificate_whose_key_is_not_there_yet_is_not_used() throws Exception {
        // given
        SelfSigned first = write("first");
        try (HttpServer server = serve(ServerTls.mounted(directory))) {
            ask(server);

            // when
            SelfSigned second = SelfSigned.of("second", List.of(), Instant.now());
            write(second, "PRIVATE KEY", first.key().getPrivate().getEncoded());

            // then
            assertThat(ask(server)).isEqualTo(first.certificate());
        }
    }

    @Test
    void nothing_is_served_before_there_is_a_certificate() throws Exception {
        // given
        try (HttpServer server = serve(ServerTls.mounted(directory))) {
            assertThatThrownBy(() -> ask(server)).isInstanceOf(IOException.class);

            // when
            SelfSigned late = write("late");

            // then
            assertThat(ask(server)).isEqualTo(late.certificate());
        }
    }

    /** {@code ECPrivateKey} of RFC 5915: version 1, and the number in 32 octets. */
    private static byte[] sec1(ECPrivateKey key) {
        byte[] number = key.getS().toByteArray();
        byte[] octets = new byte[32];
        int length = Math.min(number.length, octets.length);
        System.arraycopy(number, number.length - length, octets, octets.length - length, length);
        return Der.sequence(Der.integer(BigInteger.ONE), Der.octets(octets));
    }

    @Test
    void a_key_of_OpenSSL_for_elliptic_curves_is_read() throws Exception {
        // given
        SelfSigned pair = SelfSigned.of("sec1", List.of(), Instant.now());
        write(pair, "EC PRIVATE KEY", sec1((ECPrivateKey) pair.key().getPrivate()));

        // when, then
        try (HttpServer server = serve(ServerTls.mounted(directory))) {
            assertThat(ask(server)).isEqualTo(pair.certificate());
        }
    }

    @Test
    void a_key_of_RSA_in_the_older_form_is_read() throws Exception {
        // given
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        KeyPair pair = generator.generateKeyPair();
        byte[] pkcs8 = pair.getPrivate().getEncoded();
        // SEQUENCE, version, algorithm and the head of the OCTET STRING have 26 bytes.
        byte[] pkcs1 = Arrays.copyOfRange(pkcs8, 26, pkcs8.length);

        // when
        byte[] wrapped = Der.sequence(
                Der.integer(BigInteger.ZERO), Der.firstOf(pair.getPublic().getEncoded()), Der.octets(pkcs1));

        // then
        assertThat(wrapped).isEqualTo(pkcs8);
    }

    @Test
    void clients_that_stall_in_the_handshake_do_not_keep_others_out() throws Exception {
        // given
        try (HttpServer server = serve(ServerTls.selfSigned("node1", List.of()))) {
            ask(server);
            List<Socket> stalled = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                stalled.add(new Socket(InetAddress.getLoopbackAddress(), server.port()));
            }

            // when
            X509Certificate shown = ask(server);

            // then
            assertThat(shown).isNotNull();
            for (Socket socket : stalled) {
                socket.close();
            }
        }
    }
}
