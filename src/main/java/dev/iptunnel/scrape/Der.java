package dev.iptunnel.scrape;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.stream.IntStream;

/** The few values of the Distinguished Encoding Rules (ITU-T X.690) that a certificate and a key consist of. */
final class Der {
    private static final int LONG_FORM = 0x80;
    private static final int CONTEXT = 0x80;
    private static final int CONSTRUCTED = 0x20;
    private static final int SEVEN_BITS = 7;
    private static final DateTimeFormatter GENERALIZED_TIME =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

    private Der() {}

    private static byte[] value(int tag, byte[]... contents) {
        int length = Arrays.stream(contents).mapToInt(content -> content.length).sum();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (length < LONG_FORM) {
            out.write(length);
        } else {
            byte[] octets = BigInteger.valueOf(length).toByteArray();
            int sign = octets[0] == 0 ? 1 : 0;
            out.write(LONG_FORM | (octets.length - sign));
            out.write(octets, sign, octets.length - sign);
        }
        for (byte[] content : contents) {
            out.writeBytes(content);
        }
        return out.toByteArray();
    }

    static byte[] sequence(byte[]... values) {
        return value(0x30, values);
    }

    static byte[] set(byte[] value) {
        return value(0x31, value);
    }

    static byte[] integer(BigInteger number) {
        return value(0x02, number.toByteArray());
    }

    static byte[] octets(byte[] bytes) {
        return value(0x04, bytes);
    }

    /** Whole octets. */
    static byte[] bits(byte[] bytes) {
        return value(0x03, new byte[] {0}, bytes);
    }

    static byte[] utf8(String text) {
        return value(0x0c, text.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] time(Instant time) {
        return value(0x18, GENERALIZED_TIME.format(time).getBytes(StandardCharsets.US_ASCII));
    }

    /** An object identifier, by its numbers. */
    static byte[] identifier(int first, int second, int... others) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        IntStream.concat(IntStream.of(40 * first + second), Arrays.stream(others))
                .forEach(number -> base128(out, number));
        return value(0x06, out.toByteArray());
    }

    private static void base128(ByteArrayOutputStream out, int number) {
        int groups = Math.max(1, (Integer.SIZE - Integer.numberOfLeadingZeros(number) + SEVEN_BITS - 1) / SEVEN_BITS);
        for (int group = groups - 1; group >= 0; group--) {
            int bits = (number >> (group * SEVEN_BITS)) & 0x7f;
            out.write(group == 0 ? bits : bits | LONG_FORM);
        }
    }

    /** {@code [number] EXPLICIT}. */
    static byte[] explicit(int number, byte[] value) {
        return value(CONTEXT | CONSTRUCTED | number, value);
    }

    /** {@code [number] IMPLICIT} of a value that is not constructed. */
    static byte[] implicit(int number, byte[] content) {
        return value(CONTEXT | number, content);
    }

    /** The first value in the contents of a sequence, with its tag and length. */
    static byte[] firstOf(byte[] sequence) {
        int begin = headerOf(sequence, 0);
        return Arrays.copyOfRange(sequence, begin, headerOf(sequence, begin) + lengthAt(sequence, begin));
    }

    /** Where the contents of the value that begins there begin. */
    private static int headerOf(byte[] der, int at) {
        int length = der[at + 1] & 0xff;
        return at + 2 + (length < LONG_FORM ? 0 : length & ~LONG_FORM);
    }

    private static int lengthAt(byte[] der, int at) {
        int length = der[at + 1] & 0xff;
        if (length < LONG_FORM) {
            return length;
        }
        return new BigInteger(1, Arrays.copyOfRange(der, at + 2, headerOf(der, at))).intValueExact();
    }
}
