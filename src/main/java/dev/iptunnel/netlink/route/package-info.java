/** The address, route and rule messages of rtnetlink(7). */
@NullMarked
package dev.iptunnel.netlink.route;

import org.jspecify.annotations.NullMarked;
