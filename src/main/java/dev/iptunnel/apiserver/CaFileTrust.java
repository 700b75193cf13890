package dev.iptunnel.apiserver;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trusts the certificates that the CA file contains at each handshake. The kubelet replaces the file when the CA is
 * rotated.
 */
final class CaFileTrust extends X509ExtendedTrustManager {
    private static final Logger log = LoggerFactory.getLogger(CaFileTrust.class);

    private final Config config;
    private final Path file;
    private byte[] content;
    private X509ExtendedTrustManager trusted;

    private CaFileTrust(Config config, Path file) throws IOException, GeneralSecurityException {
        this.config = config;
        this.file = file;
        content = Files.readAllBytes(file);
        trusted = read(config, content);
    }

    /** The trust managers that the client itself would use, except that changes of a CA file are followed. */
    static TrustManager[] of(Config config) throws IOException, GeneralSecurityException {
        boolean followed = config.getCaCertFile() != null && config.getCaCertData() == null && !config.isTrustCerts();
        return followed
                ? new TrustManager[] {new CaFileTrust(config, Path.of(config.getCaCertFile()))}
                : SSLUtils.trustManagers(config);
    }

    private static X509ExtendedTrustManager read(Config config, byte[] content)
            throws IOException, GeneralSecurityException {
        if (CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(content))
                .isEmpty()) {
            throw new CertificateException("the file contains no certificate");
        }
        return Stream.of(SSLUtils.trustManagers(config))
                .filter(X509ExtendedTrustManager.class::isInstance)
                .map(X509ExtendedTrustManager.class::cast)
                .findFirst()
                .orElseThrow(() -> new CertificateException("no trust manager for X.509"));
    }

    /** While the file cannot be read, or is being written, the earlier certificates stay trusted. */
    private synchronized X509ExtendedTrustManager current() {
        try {
            byte[] now = Files.readAllBytes(file);
            if (!Arrays.equals(now, content)) {
                trusted = read(config, now);
                content = now;
                log.atInfo().log("the CA file {} changed and was read again", file);
            }
        } catch (IOException | GeneralSecurityException e) {
            log.atWarn()
                    .log(
                            "the CA file {} changed and cannot be read; its earlier content is used: {}",
                            file,
                            e.toString());
        }
        return trusted;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        current().checkServerTrusted(chain, authType, engine);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        current().checkServerTrusted(chain, authType, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        current().checkServerTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        current().checkClientTrusted(chain, authType, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        current().checkClientTrusted(chain, authType, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        current().checkClientTrusted(chain, authType);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return current().getAcceptedIssuers();
    }
}
