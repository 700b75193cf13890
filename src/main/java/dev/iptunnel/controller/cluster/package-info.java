/** What the cluster has, as the controller sees it: Nodes, IpTunnels, IpTunnelSets and Leases. */
@NullMarked
package dev.iptunnel.controller.cluster;

import org.jspecify.annotations.NullMarked;
