/** Says in the statuses of tunnels that the agent of their node is gone. */
@NullMarked
package dev.iptunnel.controller.liveness;

import org.jspecify.annotations.NullMarked;
