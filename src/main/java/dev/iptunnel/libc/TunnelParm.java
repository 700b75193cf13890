package dev.iptunnel.libc;

import java.nio.ByteBuffer;

/** What the tunnel ioctls take and give; a change replaces the whole of it. */
public sealed interface TunnelParm permits IpTunnelParm, Ip6TnlParm2 {
    /** Of the tunnel, which its driver may not know it by any more. */
    String name();

    /** In bytes. */
    int size();

    /** Writes all of it at the start of a buffer in native order. */
    void encode(ByteBuffer buffer);
}
