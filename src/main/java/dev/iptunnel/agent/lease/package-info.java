/** The Lease by which an agent says that it works. */
@NullMarked
package dev.iptunnel.agent.lease;

import org.jspecify.annotations.NullMarked;
