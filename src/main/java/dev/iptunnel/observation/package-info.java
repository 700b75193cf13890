/**
 * What a node's kernel holds that bears on one tunnel, as data: links, routes, surroundings, and what follows from
 * these alone.
 */
@NullMarked
package dev.iptunnel.observation;

import org.jspecify.annotations.NullMarked;
