/**
 * What the operator asks of a kernel: observing tunnels, executing plans, being told of changes. Errors carry
 * operation, interface and errno.
 */
@NullMarked
package dev.iptunnel.kernel;

import org.jspecify.annotations.NullMarked;
