package dev.iptunnel.api.v1alpha1;

/** Keeps messages of a status short enough for the API server, which otherwise refuses the whole status. */
public final class StatusMessage {
    /**
     * In characters (code points). The CRDs allow 32,768, and a message of an IpTunnelSet may contain one of an IpTunnel.
     */
    public static final int MOST = 8192;

    private static final int ROOM_FOR_THE_END = 64;

    private StatusMessage() {}

    /** The message; of a longer one the beginning, and how much was left out. */
    public static String bounded(String message) {
        int length = message.codePointCount(0, message.length());
        if (length <= MOST) {
            return message;
        }
        int kept = MOST - ROOM_FOR_THE_END;
        return message.substring(0, message.offsetByCodePoints(0, kept)) + "... (" + (length - kept)
                + " more characters)";
    }
}
