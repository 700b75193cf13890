package dev.iptunnel.scrape;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** Asks a server on loopback over TLS, whatever its certificate is. */
final class TlsClient {
    private TlsClient() {}

    /** What the server answered, and the certificate that it showed. */
    record Shown(String answer, X509Certificate certificate) {
        int code() {
            return Integer.parseInt(answer.substring("HTTP/1.1 ".length()).substring(0, 3));
        }
    }

    static Shown ask(int port, String request) throws IOException {
        try (SSLSocket socket =
                (SSLSocket) trusting().getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Shown(answer, (X509Certificate) socket.getSession().getPeerCertificates()[0]);
        }
    }

    private static SSLContext trusting() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new Trusting()}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static final class Trusting implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
