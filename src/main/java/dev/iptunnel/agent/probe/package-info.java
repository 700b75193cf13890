/** Probes the tunnels of the node through sockets, in a thread of its own. */
@NullMarked
package dev.iptunnel.agent.probe;

import org.jspecify.annotations.NullMarked;
