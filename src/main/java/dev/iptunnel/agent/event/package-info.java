/** The Events on IpTunnels that an agent writes, and their texts. */
@NullMarked
package dev.iptunnel.agent.event;

import org.jspecify.annotations.NullMarked;
