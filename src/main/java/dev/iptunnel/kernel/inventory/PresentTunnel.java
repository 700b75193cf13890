package dev.iptunnel.kernel.inventory;

import dev.iptunnel.netlink.link.LinkStatistics;
import dev.iptunnel.observation.ObservedLink;
import java.util.List;
import java.util.Optional;

/**
 * A tunnel that the kernel holds.
 *
 * @param alternativeNames by which the kernel finds the interface, too
 * @param link with its addresses, routes and master
 * @param fallback whether it is the fallback device of its driver, which gets the packets that no other tunnel takes
 * @param elsewhere whether its outer packets leave through another network namespace, so that the parent is there
 * @param parent the name of the interface that it is bound to; empty if it is bound to none, or the interface is gone
 * @param statistics empty if the tunnel was removed while it was read
 */
public record PresentTunnel(
        List<String> alternativeNames,
        ObservedLink link,
        boolean fallback,
        boolean elsewhere,
        Optional<String> parent,
        Optional<LinkStatistics> statistics) {
    public PresentTunnel {
        alternativeNames = List.copyOf(alternativeNames);
    }

    /** Whether the kernel finds its interface by this name. */
    public boolean isNamed(String wanted) {
        return link.name().equals(wanted) || alternativeNames.contains(wanted);
    }
}
