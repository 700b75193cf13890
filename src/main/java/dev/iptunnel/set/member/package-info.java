/** Which nodes a set has now, and which of them have tunnels to which others. */
@NullMarked
package dev.iptunnel.set.member;

import org.jspecify.annotations.NullMarked;
