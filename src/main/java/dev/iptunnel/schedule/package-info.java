/** The clocks of the agent, and threads for delayed and periodic tasks. */
@NullMarked
package dev.iptunnel.schedule;

import org.jspecify.annotations.NullMarked;
