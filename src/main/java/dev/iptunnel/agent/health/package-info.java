/** What is told of the agent itself over HTTP: liveness, readiness, metrics. */
@NullMarked
package dev.iptunnel.agent.health;

import org.jspecify.annotations.NullMarked;
