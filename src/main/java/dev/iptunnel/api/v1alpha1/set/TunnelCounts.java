package dev.iptunnel.api.v1alpha1.set;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/**
 * Counts of the IpTunnels of a set.
 *
 * @param desired that the set asks for
 * @param current that exist
 * @param updated that have the update revision
 * @param ready whose condition Ready is True
 * @param unknown whose condition Ready is Unknown
 * @param failed whose condition Stalled is True
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record TunnelCounts(int desired, int current, int updated, int ready, int unknown, int failed) {}
