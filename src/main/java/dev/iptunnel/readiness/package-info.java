/** Whether packets pass through a tunnel that is programmed, and what a user should know about it. Pure. */
@NullMarked
package dev.iptunnel.readiness;

import org.jspecify.annotations.NullMarked;
