package dev.iptunnel.apiserver;

import io.fabric8.kubernetes.client.Config;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.Collection;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Recognises the API servers of this cluster under any address: those whose certificate the cluster's own CA signed. */
public final class ClusterCertificate {
    private static final Logger log = LoggerFactory.getLogger(ClusterCertificate.class);
    private static final int PATIENCE_MILLISECONDS = 2000;

    private final Config config;

    /** @param config has the cluster's CA; without one, no server is recognised */
    public ClusterCertificate(Config config) {
        this.config = config;
    }

    /** Whether the server shows such a certificate, whatever the names in it are; not if it does not answer within seconds. */
    public boolean isShownBy(InetSocketAddress server) {
        try {
            Optional<SSLContext> context = context();
            return context.isPresent() && isTrusted(context.get(), server);
        } catch (IOException | GeneralSecurityException e) {
            log.atDebug().log("{} is no API server of this cluster: {}", server, e.toString());
            return false;
        }
    }

    private static boolean isTrusted(SSLContext context, InetSocketAddress server) throws IOException {
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket()) {
            socket.connect(server, PATIENCE_MILLISECONDS);
            socket.setSoTimeout(PATIENCE_MILLISECONDS);
            socket.startHandshake();
            return true;
        }
    }

    private Optional<SSLContext> context() throws IOException, GeneralSecurityException {
        Optional<byte[]> authority = authority();
        if (authority.isEmpty()) {
            return Optional.empty();
        }
        Collection<? extends Certificate> certificates =
                CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(authority.get()));
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load((InputStream) null, null);
        for (Certificate certificate : certificates) {
            trusted.setCertificateEntry(Integer.toString(trusted.size()), certificate);
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return Optional.of(context);
    }

    private Optional<byte[]> authority() throws IOException {
        if (config.getCaCertData() != null) {
            return Optional.of(Base64.getDecoder().decode(config.getCaCertData()));
        }
        return config.getCaCertFile() == null
                ? Optional.empty()
                : Optional.of(Files.readAllBytes(Path.of(config.getCaCertFile())));
    }
}
