/** The IpTunnels that a set makes: their names, and what is in them. */
@NullMarked
package dev.iptunnel.set.child;

import org.jspecify.annotations.NullMarked;
