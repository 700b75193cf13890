package dev.iptunnel.api.v1alpha1.set;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/**
 * Counts of the inner addresses of a pool.
 *
 * @param capacity that can be given out; {@link Long#MAX_VALUE} stands for this many or more
 * @param used that nodes have
 * @param quarantined that are not given out again yet
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record PoolCounts(long capacity, long used, long quarantined) {}
