/**
 * A copy of the network namespace's interfaces, addresses and routes that the kernel's notifications keep up to
 * date.
 */
@NullMarked
package dev.iptunnel.kernel.watch;

import org.jspecify.annotations.NullMarked;
