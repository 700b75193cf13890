package dev.iptunnel.map;

/** What an IpTunnel's status says of it. A later state is drawn over an earlier one. */
public enum EndState {
    READY("ready"),
    SET_DOWN("set down"),
    UNKNOWN("unknown"),
    NOT_READY("not ready");

    private final String words;

    EndState(String words) {
        this.words = words;
    }

    /** In plain words, for a legend. */
    String words() {
        return words;
    }

    /** As the name of a style class. */
    String style() {
        return words.replace(' ', '-');
    }
}
