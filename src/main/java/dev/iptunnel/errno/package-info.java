/** The error numbers of the kernel, which system calls and netlink messages share. */
@NullMarked
package dev.iptunnel.errno;

import org.jspecify.annotations.NullMarked;
