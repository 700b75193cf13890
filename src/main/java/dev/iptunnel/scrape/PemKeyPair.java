package dev.iptunnel.scrape;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A key and the chain of its certificates, the key's own first.
 *
 * @param chain never empty
 */
record PemKeyPair(PrivateKey key, List<Certificate> chain) {
    /** PKCS 8, and the older forms of RSA (PKCS 1) and of elliptic curves (SEC 1) that OpenSSL and cert-manager write. */
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN (|RSA |EC )PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END");

    private static final byte[] VERSION_1 = Der.integer(BigInteger.ZERO);
    private static final byte[] PROBE = {1};

    /**
     * Reads {@code tls.crt} and {@code tls.key}.
     *
     * @throws GeneralSecurityException if they cannot be read, or do not belong together
     */
    static PemKeyPair of(byte[] certificates, byte[] key) throws GeneralSecurityException {
        List<Certificate> chain = chain(certificates);
        if (chain.isEmpty()) {
            throw new CertificateException("tls.crt contains no certificate");
        }
        PublicKey publicKey = chain.getFirst().getPublicKey();
        PrivateKey privateKey = privateKey(new String(key, StandardCharsets.US_ASCII), publicKey);
        requireSame(privateKey, publicKey);
        return new PemKeyPair(privateKey, chain);
    }

    private static List<Certificate> chain(byte[] certificates) throws CertificateException {
        try {
            return List.copyOf(CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(certificates)));
        } catch (CertificateException e) {
            throw new CertificateException("tls.crt cannot be read: " + e.getMessage(), e);
        }
    }

    private static PrivateKey privateKey(String pem, PublicKey publicKey) throws GeneralSecurityException {
        try {
            return KeyFactory.getInstance(publicKey.getAlgorithm())
                    .generatePrivate(new PKCS8EncodedKeySpec(pkcs8(pem, publicKey)));
        } catch (InvalidKeySpecException | IllegalArgumentException e) { // the second one: no base64
            throw new CertificateException(
                    "tls.key contains no " + publicKey.getAlgorithm() + " key, as the certificate has: "
                            + e.getMessage(),
                    e);
        }
    }

    /** The older forms lack the identifier of the algorithm, which the certificate has. */
    private static byte[] pkcs8(String pem, PublicKey publicKey) throws CertificateException {
        Matcher key = KEY.matcher(pem);
        if (!key.find()) {
            throw new CertificateException("tls.key contains no private key that is not encrypted");
        }
        byte[] content = Base64.getMimeDecoder().decode(key.group(2));
        return key.group(1).isEmpty()
                ? content
                : Der.sequence(VERSION_1, Der.firstOf(publicKey.getEncoded()), Der.octets(content));
    }

    /** While the two files are being replaced, one may be older than the other. */
    private static void requireSame(PrivateKey privateKey, PublicKey publicKey) throws GeneralSecurityException {
        String algorithm =
                switch (publicKey.getAlgorithm()) {
                    case "EC" -> "SHA256withECDSA";
                    case "RSA" -> "SHA256withRSA";
                    default -> publicKey.getAlgorithm();
                };
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(privateKey);
        signature.update(PROBE);
        byte[] signed = signature.sign();
        signature.initVerify(publicKey);
        signature.update(PROBE);
        if (!signature.verify(signed)) {
            throw new CertificateException("tls.key is not the key of the first certificate in tls.crt");
        }
    }

    Certificate[] chainArray() {
        return chain.toArray(Certificate[]::new);
    }
}
