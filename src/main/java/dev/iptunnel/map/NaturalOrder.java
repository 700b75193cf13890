package dev.iptunnel.map;

import java.math.BigInteger;
import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Orders names as people do: a number in a name counts as a number. */
final class NaturalOrder implements Comparator<String> {
    static final Comparator<String> BY_NUMBERS = new NaturalOrder().thenComparing(Comparator.naturalOrder());
    private static final Pattern CHUNK = Pattern.compile("[0-9]+|[^0-9]+");

    private NaturalOrder() {}

    @Override
    public int compare(String left, String right) {
        Matcher leftChunks = CHUNK.matcher(left);
        Matcher rightChunks = CHUNK.matcher(right);
        while (leftChunks.find()) {
            if (!rightChunks.find()) {
                return 1;
            }
            int order = compareChunks(leftChunks.group(), rightChunks.group());
            if (order != 0) {
                return order;
            }
        }
        return rightChunks.find() ? -1 : 0;
    }

    private static int compareChunks(String left, String right) {
        return isNumber(left) && isNumber(right)
                ? new BigInteger(left).compareTo(new BigInteger(right))
                : left.compareTo(right);
    }

    private static boolean isNumber(String chunk) {
        return chunk.charAt(0) >= '0' && chunk.charAt(0) <= '9';
    }
}
