package dev.iptunnel.observation;

/** The settings below {@code net.ipv6.conf.INTERFACE} that would allow the other end to change the node. */
public enum Inet6Setting {
    /** A router advertisement adds routes and addresses, a default route among them. */
    ACCEPT_RA("accept_ra"),
    /** A redirect (RFC 4861) changes the gateway of a route. */
    ACCEPT_REDIRECTS("accept_redirects");

    private final String text;

    Inet6Setting(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
