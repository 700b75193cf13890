/** The only native code: system calls through JNA, the kernel's tunnel structs, sockets and the writer's lock. */
@NullMarked
package dev.iptunnel.libc;

import org.jspecify.annotations.NullMarked;
