package dev.iptunnel.event;

/** Why an Event was not written, and is only in the log. */
public enum Unwritten {
    QUEUE_FULL("too many Events wait"),
    TOO_MANY_OF_TUNNEL("the tunnel has too many Events"),
    REFUSED("the API server did not take it"),
    STOPPING("the agent stops");

    private final String text;

    Unwritten(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
