/** The revisions of a set's template: what makes two templates the same, what a new one is called, which are forgotten. */
@NullMarked
package dev.iptunnel.set.revision;

import org.jspecify.annotations.NullMarked;
