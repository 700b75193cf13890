package dev.iptunnel.netlink.link;

/**
 * A further header between the outer IP header and the tunnel's payload, IFLA_IPTUN_ENCAP_*.
 *
 * @param type {@link #NONE}, {@link #FOU}, {@link #GUE} or another {@code TUNNEL_ENCAP_*} of {@code linux/if_tunnel.h}
 * @param flags {@code TUNNEL_ENCAP_FLAG_*}
 * @param sourcePort of UDP; 0 where the kernel chooses it
 * @param destinationPort of UDP
 */
public record Encapsulation(int type, int flags, int sourcePort, int destinationPort) {
    public static final int NONE = 0;
    public static final int FOU = 1;
    public static final int GUE = 2;

    public boolean isNone() {
        return type == NONE;
    }
}
