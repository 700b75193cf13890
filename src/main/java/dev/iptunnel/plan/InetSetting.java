package dev.iptunnel.plan;

/** The settings below {@code net.ipv4.conf.INTERFACE} that are ever made. */
public enum InetSetting {
    RP_FILTER("rp_filter"),
    /** A secondary address stays, as a primary one, when the primary address of its subnet goes. */
    PROMOTE_SECONDARIES("promote_secondaries");

    private final String text;

    InetSetting(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
