/** Decisions: a plan of operations that print as ip(8) commands, or a refusal with its reason. */
@NullMarked
package dev.iptunnel.plan;

import org.jspecify.annotations.NullMarked;
