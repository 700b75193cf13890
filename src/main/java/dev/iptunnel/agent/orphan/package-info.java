/** Tunnels whose object is gone: removed, kept or held back. */
@NullMarked
package dev.iptunnel.agent.orphan;

import org.jspecify.annotations.NullMarked;
