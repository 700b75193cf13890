/** Reads from the kernel what a diagnosis asks for. It changes nothing, and needs no capability. */
@NullMarked
package dev.iptunnel.kernel.examine;

import org.jspecify.annotations.NullMarked;
