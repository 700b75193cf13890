package dev.iptunnel.scrape;

import dev.iptunnel.http.SocketLayer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS (1.2 and 1.3) with a certificate that is made at the start, or with {@code tls.crt} and {@code tls.key} of a directory,
 * such as a mounted Secret. The files are read at each connection, so a new certificate is used as soon as it is there.
 */
public final class ServerTls implements SocketLayer {
    private static final Logger log = LoggerFactory.getLogger(ServerTls.class);
    private static final char[] NO_PASSWORD = {};

    private final Source source;
    private Optional<SSLContext> context = Optional.empty();
    private byte[] certificates = {};
    private byte[] key = {};
    private String said = "";

    /** Where the certificate is from. */
    private sealed interface Source {
        record Made(String name, List<InetAddress> addresses) implements Source {}

        record Mounted(Path directory) implements Source {}
    }

    private ServerTls(Source source) {
        this.source = source;
    }

    /** With a certificate of its own, which clients cannot verify. */
    public static ServerTls selfSigned(String name, List<InetAddress> addresses) {
        return new ServerTls(new Source.Made(name, addresses));
    }

    /** With the files in the directory. While they are missing, every handshake fails, and the log says so. */
    public static ServerTls mounted(Path directory) {
        return new ServerTls(new Source.Mounted(directory));
    }

    @Override
    public Socket over(Socket accepted) throws IOException {
        SSLSocket socket = (SSLSocket) current().getSocketFactory().createSocket(accepted, null, true);
        socket.setUseClientMode(false);
        return socket;
    }

    private synchronized SSLContext current() throws IOException {
        try {
            switch (source) {
                case Source.Made made -> make(made);
                case Source.Mounted mounted -> read(mounted.directory());
            }
        } catch (IOException e) {
            say(e.toString());
        } catch (GeneralSecurityException e) {
            say(String.valueOf(e.getMessage()));
        }
        return context.orElseThrow(() -> new IOException("no certificate: " + said));
    }

    private void make(Source.Made made) throws GeneralSecurityException, IOException {
        if (context.isEmpty()) {
            SelfSigned own = SelfSigned.of(made.name(), made.addresses(), Instant.now());
            context = Optional.of(context(new PemKeyPair(own.key().getPrivate(), List.of(own.certificate()))));
        }
    }

    /** While the files are being replaced, the earlier ones are used. */
    private void read(Path directory) throws GeneralSecurityException, IOException {
        byte[] certificatesNow = Files.readAllBytes(directory.resolve("tls.crt"));
        byte[] keyNow = Files.readAllBytes(directory.resolve("tls.key"));
        if (!Arrays.equals(certificatesNow, certificates) || !Arrays.equals(keyNow, key)) {
            context = Optional.of(context(PemKeyPair.of(certificatesNow, keyNow)));
            certificates = certificatesNow;
            key = keyNow;
            said = "";
            log.atInfo().log("the certificate for metrics was read from {}", directory);
        }
    }

    private void say(String failure) {
        if (!failure.equals(said)) {
            said = failure;
            log.atWarn()
                    .log(
                            context.isPresent()
                                    ? "the certificate for metrics cannot be read again; the earlier one is used: {}"
                                    : "no metrics are served over TLS, since there is no certificate: {}",
                            failure);
        }
    }

    private static SSLContext context(PemKeyPair pair) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("metrics", pair.key(), NO_PASSWORD, pair.chainArray());
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, NO_PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }
}
