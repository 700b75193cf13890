package dev.iptunnel.apiserver;

import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.InetAddress;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/** Makes Fabric8 use a {@link BoundedHttpClient} instead of the JDK's client. */
final class BoundedClientFactory extends JdkHttpClientFactory {
    private final Duration bodyLimit;
    private final ApiServerContact contact;

    BoundedClientFactory(Duration bodyLimit, ApiServerContact contact) {
        this.bodyLimit = bodyLimit;
        this.contact = contact;
    }

    @Override
    protected HttpClient.Builder createNewHttpClientBuilder() {
        return new Builder(super.createNewHttpClientBuilder(), bodyLimit, contact);
    }

    /** Delegates to the JDK's builder, but builds a {@link BoundedHttpClient}. */
    private record Builder(HttpClient.Builder jdk, Duration bodyLimit, ApiServerContact contact)
            implements HttpClient.Builder {
        @Override
        public Builder cookieHandler(CookieHandler cookieHandler) {
            jdk.cookieHandler(cookieHandler);
            return this;
        }

        @Override
        public Builder connectTimeout(Duration duration) {
            jdk.connectTimeout(duration);
            return this;
        }

        @Override
        public Builder sslContext(SSLContext sslContext) {
            jdk.sslContext(sslContext);
            return this;
        }

        @Override
        public Builder sslParameters(SSLParameters sslParameters) {
            jdk.sslParameters(sslParameters);
            return this;
        }

        @Override
        public Builder executor(Executor executor) {
            jdk.executor(executor);
            return this;
        }

        @Override
        public Builder followRedirects(HttpClient.Redirect policy) {
            jdk.followRedirects(policy);
            return this;
        }

        @Override
        public Builder version(HttpClient.Version version) {
            jdk.version(version);
            return this;
        }

        @Override
        public Builder priority(int priority) {
            jdk.priority(priority);
            return this;
        }

        @Override
        public Builder proxy(ProxySelector proxySelector) {
            jdk.proxy(proxySelector);
            return this;
        }

        @Override
        public Builder authenticator(Authenticator authenticator) {
            jdk.authenticator(authenticator);
            return this;
        }

        @Override
        public Builder localAddress(InetAddress localAddress) {
            jdk.localAddress(localAddress);
            return this;
        }

        @Override
        public HttpClient build() {
            return new BoundedHttpClient(jdk.build(), bodyLimit, contact);
        }
    }
}
