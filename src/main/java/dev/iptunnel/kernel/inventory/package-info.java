/** Lists the IP-in-IP tunnels of a network namespace, whoever made them, with their counters. */
@NullMarked
package dev.iptunnel.kernel.inventory;

import org.jspecify.annotations.NullMarked;
