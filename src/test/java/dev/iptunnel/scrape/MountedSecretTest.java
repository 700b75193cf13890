package dev.iptunnel.scrape;

import static dev.iptunnel.scrape.MountedSecret.certificate;
import static dev.iptunnel.scrape.MountedSecret.key;
import static dev.iptunnel.scrape.MountedSecret.pair;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.iptunnel.http.HttpAnswer;
import dev.iptunnel.http.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** A certificate in a Secret that the kubelet mounts, while the Secret changes. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MountedSecretTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private static final Logger LOGGER = (Logger) LoggerFactory.getLogger(ServerTls.class);

    private final MountedSecret secret;
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    MountedSecretTest(@TempDir Path directory) {
        secret = new MountedSecret(directory);
    }

    @BeforeEach
    void follow_the_log() {
        log.start();
        LOGGER.addAppender(log);
    }

    @AfterEach
    void stop_following_the_log() {
        LOGGER.detachAppender(log);
    }

    private HttpServer serve() {
        return new HttpServer(
                "test",
                new HttpServer.Settings(
                        ANY_PORT, "--metrics-address", ServerTls.mounted(secret.directory()), Duration.ofSeconds(5)),
                _ -> HttpAnswer.text(200, "ok"));
    }

    private static X509Certificate ask(HttpServer server) throws IOException {
        return TlsClient.ask(server.port(), "GET / HTTP/1.1\r\n\r\n").certificate();
    }

    private List<String> warnings() {
        return log.list.stream()
                .filter(line -> line.getLevel().isGreaterOrEqual(Level.WARN))
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    @Test
    void the_next_connection_has_the_certificate_of_the_changed_secret() throws Exception {
        // given
        SelfSigned first = pair("first");
        SelfSigned second = pair("second");
        secret.put(certificate(first), key(first));
        try (HttpServer server = serve()) {
            X509Certificate before = ask(server);

            // when
            secret.put(certificate(second), key(second));

            // then
            assertThat(before).isEqualTo(first.certificate());
            assertThat(ask(server)).isEqualTo(second.certificate());
            assertThat(warnings()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "the certificate of another key | tls.key is not the key of the first certificate in tls.crt",
                "half of the certificate | tls.crt",
                "no certificate | tls.crt contains no certificate",
                "half of the key | tls.key contains no private key",
                "a key that is no base64 | tls.key",
                "a key that is no key | tls.key",
            })
    void an_unusable_pair_is_not_used_and_one_line_says_why(String fault, String why) throws Exception {
        // given
        SelfSigned first = pair("first");
        SelfSigned second = pair("second");
        String certificate = certificate(second);
        String key = key(second);
        secret.put(certificate(first), key(first));
        try (HttpServer server = serve()) {
            ask(server);

            // when
            switch (fault) {
                case "the certificate of another key" -> secret.put(certificate, key(first));
                case "half of the certificate" -> secret.put(half(certificate), key);
                case "no certificate" -> secret.put("", key);
                case "half of the key" -> secret.put(certificate, half(key));
                case "a key that is no base64" ->
                    secret.put(certificate, "-----BEGIN PRIVATE KEY-----\nA\n-----END PRIVATE KEY-----\n");
                default -> secret.put(certificate, MountedSecret.pem("PRIVATE KEY", new byte[] {1, 2, 3}));
            }
            List<X509Certificate> shown = List.of(ask(server), ask(server));

            // then
            assertThat(shown).containsOnly(first.certificate());
            assertThat(warnings())
                    .singleElement()
                    .asString()
                    .startsWith("the certificate for metrics cannot be read again; the earlier one is used: ")
                    .contains(why)
                    .doesNotContain("\n");

            // when
            secret.put(certificate, key);

            // then
            assertThat(ask(server)).isEqualTo(second.certificate());
        }
    }

    private static String half(String text) {
        return text.substring(0, text.length() / 2);
    }
}
