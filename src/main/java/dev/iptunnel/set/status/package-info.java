/** What the status of a set says. */
@NullMarked
package dev.iptunnel.set.status;

import org.jspecify.annotations.NullMarked;
