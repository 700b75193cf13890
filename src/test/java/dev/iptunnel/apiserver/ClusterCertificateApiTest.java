package dev.iptunnel.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.stream.Stream;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("api")
class ClusterCertificateApiTest {
    private static final int HTTPS = 443;

    private final Config config = Config.autoConfigure(null);
    private final URI master = URI.create(config.getMasterUrl());
    private final InetSocketAddress apiServer =
            new InetSocketAddress(master.getHost(), master.getPort() < 0 ? HTTPS : master.getPort());

    @Test
    void the_API_server_shows_a_certificate_of_its_cluster() {
        assertThat(new ClusterCertificate(config).isShownBy(apiServer)).isTrue();
    }

    @Test
    void the_API_server_of_another_cluster_does_not() throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init((KeyStore) null);
        byte[] other = Stream.of(factory.getTrustManagers())
                .map(X509TrustManager.class::cast)
                .findFirst()
                .orElseThrow()
                .getAcceptedIssuers()[0]
                .getEncoded();
        Config ofOther = new ConfigBuilder(config)
                .withCaCertFile(null)
                .withCaCertData(Base64.getEncoder().encodeToString(other))
                .build();

        assertThat(new ClusterCertificate(ofOther).isShownBy(apiServer)).isFalse();
    }

    @Test
    void without_the_authority_of_the_cluster_no_server_is_known() {
        Config without = Config.empty();

        assertThat(new ClusterCertificate(without).isShownBy(apiServer)).isFalse();
    }

    @Test
    void a_server_that_says_nothing_or_is_not_there_does_not() throws IOException {
        InetSocketAddress address;
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            address = new InetSocketAddress(silent.getInetAddress(), silent.getLocalPort());
            assertThat(new ClusterCertificate(config).isShownBy(address)).isFalse();
        }
        assertThat(new ClusterCertificate(config).isShownBy(address)).isFalse();
    }
}
