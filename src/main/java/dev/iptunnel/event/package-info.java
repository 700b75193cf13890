/** Writes Kubernetes Events, repeated ones as a series, and not too many. */
@NullMarked
package dev.iptunnel.event;

import org.jspecify.annotations.NullMarked;
