/** The clocks of the agent, and threads that do something later or periodically. */
@NullMarked
package dev.iptunnel.agent.schedule;

import org.jspecify.annotations.NullMarked;
