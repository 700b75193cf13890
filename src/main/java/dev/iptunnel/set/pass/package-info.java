/** One pass over a set: from what the cluster has to what is written. */
@NullMarked
package dev.iptunnel.set.pass;

import org.jspecify.annotations.NullMarked;
