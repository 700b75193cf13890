package dev.iptunnel.scrape;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * A new key on the curve P-256, and a certificate of it by itself (RFC 5280). The JDK can read certificates and has no public
 * way to make one; the library for that, Bouncy Castle, has nine megabytes.
 */
record SelfSigned(KeyPair key, X509Certificate certificate) {
    /** Nobody verifies it, so it need not be renewed while the process runs. */
    private static final Duration VALID = Duration.ofDays(3650);
    /** For clients whose clock is behind. */
    private static final Duration EARLIER = Duration.ofDays(1);

    private static final int SERIAL_BITS = 64;
    private static final int DNS_NAME = 2;
    private static final int IP_ADDRESS = 7;
    private static final byte[] COMMON_NAME = Der.identifier(2, 5, 4, 3);
    private static final byte[] SUBJECT_ALTERNATIVE_NAME = Der.identifier(2, 5, 29, 17);
    private static final byte[] ECDSA_WITH_SHA256 = Der.sequence(Der.identifier(1, 2, 840, 10045, 4, 3, 2));

    /**
     * Makes a key and its certificate.
     *
     * @param name the DNS name that it is for; also its common name
     * @param addresses that it is for
     */
    static SelfSigned of(String name, List<InetAddress> addresses, Instant now) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair key = generator.generateKeyPair();
        byte[] content = content(key, name, addresses, now);
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(key.getPrivate());
        signature.update(content);
        byte[] certificate = Der.sequence(content, ECDSA_WITH_SHA256, Der.bits(signature.sign()));
        return new SelfSigned(key, (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(certificate)));
    }

    /** {@code TBSCertificate}. */
    private static byte[] content(KeyPair key, String name, List<InetAddress> addresses, Instant now) {
        byte[] distinguishedName = Der.sequence(Der.set(Der.sequence(COMMON_NAME, Der.utf8(name))));
        byte[] names = Der.sequence(Stream.concat(
                        Stream.of(Der.implicit(DNS_NAME, name.getBytes(StandardCharsets.US_ASCII))),
                        addresses.stream().map(address -> Der.implicit(IP_ADDRESS, address.getAddress())))
                .toArray(byte[][]::new));
        return Der.sequence(
                Der.explicit(0, Der.integer(BigInteger.TWO)),
                Der.integer(new BigInteger(SERIAL_BITS, new SecureRandom()).add(BigInteger.ONE)),
                ECDSA_WITH_SHA256,
                distinguishedName,
                Der.sequence(Der.time(now.minus(EARLIER)), Der.time(now.plus(VALID))),
                distinguishedName,
                key.getPublic().getEncoded(),
                Der.explicit(3, Der.sequence(Der.sequence(SUBJECT_ALTERNATIVE_NAME, Der.octets(names)))));
    }
}
