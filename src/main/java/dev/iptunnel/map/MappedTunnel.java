package dev.iptunnel.map;

import dev.iptunnel.tunnel.IpFamily;
import java.net.InetAddress;

/**
 * One IpTunnel, which is one end of a line.
 *
 * @param name of the object
 * @param node that holds it
 * @param mode as in the spec
 * @param local outer source address; empty: not known
 * @param remote outer destination address, or {@code any}
 * @param reason of the condition Ready; empty: none
 */
public record MappedTunnel(
        String name, String node, String mode, String local, String remote, EndState state, String reason) {
    /** With its addresses in the form in which they can be compared. */
    public MappedTunnel {
        local = canonical(local);
        remote = canonical(remote);
    }

    /** Whether each of the two is the other's far end. */
    boolean mirrors(MappedTunnel other) {
        return !node.equals(other.node)
                && mode.equals(other.mode)
                && isAddress(local)
                && local.equals(other.remote)
                && remote.equals(other.local);
    }

    /** Its state, and the reason where that says more. */
    String verdict() {
        return state == EndState.READY || reason.isEmpty() ? state.words() : state.words() + ", " + reason;
    }

    /** The reason, or its state where the reason says no more. */
    String trouble() {
        return state == EndState.NOT_READY && !reason.isEmpty() ? reason : state.words();
    }

    /** Whether it names one place: neither unknown nor {@code any}. */
    static boolean isAddress(String endpoint) {
        return !endpoint.isEmpty() && !endpoint.equals("any");
    }

    /** An address has several spellings in IPv6; a text that is none stays as it is. */
    static String canonical(String address) {
        try {
            return IpFamily.format(InetAddress.ofLiteral(address));
        } catch (IllegalArgumentException noAddress) {
            return address;
        }
    }
}
