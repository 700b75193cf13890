/** Undoes changes that cut the node off from its cluster, and remembers them on the node's disk. */
@NullMarked
package dev.iptunnel.agent.confirm;

import org.jspecify.annotations.NullMarked;
