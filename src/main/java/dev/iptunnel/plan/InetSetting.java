package dev.iptunnel.plan;

/** The settings below {@code net.ipv4.conf.INTERFACE} that plans change. */
public enum InetSetting {
    RP_FILTER("rp_filter"),
    /** When the primary address of a network is removed, a secondary one stays and becomes primary. */
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
