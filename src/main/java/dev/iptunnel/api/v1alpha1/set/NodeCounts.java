package dev.iptunnel.api.v1alpha1.set;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/**
 * Counts of the nodes of a set.
 *
 * @param selected by the selector, and not excluded
 * @param members that have tunnels, or are to have them
 * @param updated whose tunnels have the update revision
 * @param available whose tunnels are ready for long enough
 * @param updating that were given the update revision and are not available yet
 * @param deferred that were down before the roll-out reached them; they are updated when they return
 * @param failed that the update revision broke
 * @param unusable that are selected, but have no fit address
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record NodeCounts(
        int selected, int members, int updated, int available, int updating, int deferred, int failed, int unusable) {}
