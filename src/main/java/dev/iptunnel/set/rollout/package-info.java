/**
 * Decides which nodes of a set get a changed template now.
 *
 * <p>Everything is computed from the set's tunnels on each pass. The only memory is what this process saw by its
 * monotonic clock ({@link dev.iptunnel.set.rollout.Sighting}); losing it delays a roll-out, and changes nothing else.
 */
@NullMarked
package dev.iptunnel.set.rollout;

import org.jspecify.annotations.NullMarked;
