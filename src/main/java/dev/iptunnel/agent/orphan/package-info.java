/** Tunnels whose object is gone: the agent removes, keeps or holds them. */
@NullMarked
package dev.iptunnel.agent.orphan;

import org.jspecify.annotations.NullMarked;
