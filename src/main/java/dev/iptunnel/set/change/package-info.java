/** What a set has to create, change and delete, and what it must not. */
@NullMarked
package dev.iptunnel.set.change;

import org.jspecify.annotations.NullMarked;
