/** Which changes may cut the node off from its cluster, and what the kernel held before such a change. */
@NullMarked
package dev.iptunnel.confirm;

import org.jspecify.annotations.NullMarked;
