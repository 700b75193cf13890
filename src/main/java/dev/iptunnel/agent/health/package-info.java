/** What the agent reports about itself over HTTP: liveness, readiness, metrics. */
@NullMarked
package dev.iptunnel.agent.health;

import org.jspecify.annotations.NullMarked;
