/** The kernel's rtnetlink(7) protocol in plain Java: requests, changes and notifications over a transport. */
@NullMarked
package dev.iptunnel.netlink;

import org.jspecify.annotations.NullMarked;
