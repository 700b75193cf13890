/** Which agents are alive, judged by the Leases that they renew. Pure: no I/O, no clock, no log. */
@NullMarked
package dev.iptunnel.liveness;

import org.jspecify.annotations.NullMarked;
