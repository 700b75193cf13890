/** What an IpTunnelSet asks for, and what the cluster has, as data. */
@NullMarked
package dev.iptunnel.set;

import org.jspecify.annotations.NullMarked;
