/** Kubernetes Events: which are written, in which words, and how often. */
@NullMarked
package dev.iptunnel.agent.event;

import org.jspecify.annotations.NullMarked;
