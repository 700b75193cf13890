/**
 * What the operator needs of a kernel: observing tunnels, executing plans, events for changes. Errors have operation,
 * interface and errno.
 */
@NullMarked
package dev.iptunnel.kernel;

import org.jspecify.annotations.NullMarked;
