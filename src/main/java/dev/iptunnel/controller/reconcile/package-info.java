/** Follows the IpTunnelSets, one pass after another. */
@NullMarked
package dev.iptunnel.controller.reconcile;

import org.jspecify.annotations.NullMarked;
