/**
 * What the agent knows about its cluster: the node's IpTunnels, single objects that it reads directly, and the API
 * server's addresses.
 */
@NullMarked
package dev.iptunnel.agent.cluster;

import org.jspecify.annotations.NullMarked;
