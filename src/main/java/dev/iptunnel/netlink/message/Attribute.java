package dev.iptunnel.netlink.message;

import java.util.Arrays;
import java.util.HexFormat;

/** A netlink attribute that is not decoded, as the kernel sent it: {@code struct nlattr}. */
public final class Attribute {
    private final int type;
    private final byte[] value;

    public Attribute(int type, byte[] value) {
        this.type = type;
        this.value = value.clone();
    }

    /** Without the flags NLA_F_NESTED and NLA_F_NET_BYTEORDER. */
    public int type() {
        return type;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Attribute that && type == that.type && Arrays.equals(value, that.value);
    }

    @Override
    public int hashCode() {
        return 31 * type + Arrays.hashCode(value);
    }

    @Override
    public String toString() {
        return type + ":" + HexFormat.of().formatHex(value);
    }
}
