/** Whether the peer answers through a tunnel, and how long a packet may be: what to send when, and what follows. */
@NullMarked
package dev.iptunnel.probe;

import org.jspecify.annotations.NullMarked;
