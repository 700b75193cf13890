package dev.iptunnel.observation;

import java.util.OptionalLong;

/**
 * An interface that has other interfaces as its ports: a VRF, a bridge, a bond.
 *
 * @param kind as ip-link(8) prints it
 * @param vrfTable the routing table of a VRF
 * @param up a VRF that is down drops the packets of its ports
 */
public record Master(int index, String name, String kind, OptionalLong vrfTable, boolean up) {
    /** As ip-link(8) prints it, with its kind. */
    @Override
    public String toString() {
        return name + " (" + kind + (vrfTable.isPresent() ? ", table " + vrfTable.getAsLong() : "") + ")";
    }
}
