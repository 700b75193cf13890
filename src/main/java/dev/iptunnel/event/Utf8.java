package dev.iptunnel.event;

/** Texts whose length is limited in bytes of UTF-8, as the API server counts. */
final class Utf8 {
    private static final String CUT = "…";

    private Utf8() {}

    /** The text, or a beginning of it without half a character, and {@value #CUT}. */
    static String atMost(int bytes, String text) {
        return beginning(bytes, text) == text.length()
                ? text
                : text.substring(0, beginning(bytes - length(CUT.codePointAt(0)), text)) + CUT;
    }

    /** How many chars of the text have so many bytes at most. */
    private static int beginning(int bytes, String text) {
        int left = bytes;
        int end = 0;
        while (end < text.length()) {
            int character = text.codePointAt(end);
            left -= length(character);
            if (left < 0) {
                break;
            }
            end += Character.charCount(character);
        }
        return end;
    }

    private static int length(int character) {
        if (character < 0x80) {
            return 1;
        }
        if (character < 0x800) {
            return 2;
        }
        return character < 0x10000 ? 3 : 4;
    }
}
