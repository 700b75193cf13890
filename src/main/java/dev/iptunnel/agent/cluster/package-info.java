/**
 * What the agent knows of its cluster: the node's IpTunnels, single objects read directly, the API server's
 * addresses.
 */
@NullMarked
package dev.iptunnel.agent.cluster;

import org.jspecify.annotations.NullMarked;
