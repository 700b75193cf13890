/** Kubernetes Events: which are written, with which text, and how often. */
@NullMarked
package dev.iptunnel.agent.event;

import org.jspecify.annotations.NullMarked;
