/** The link messages of rtnetlink(7), with the attributes of the tunnel drivers, and the settings of interfaces. */
@NullMarked
package dev.iptunnel.netlink.link;

import org.jspecify.annotations.NullMarked;
