/**
 * What the Java Operator SDK (5.3.2) has to be told or cannot do. Each work-around has a test that fails without it, an
 * upstream issue where there is one, and a condition for its removal: see "Work-arounds" in {@code src/ARCHITECTURE.md}.
 *
 * <ul>
 *   <li>{@link dev.iptunnel.agent.sdk.NodeControllerConfiguration}: no change of a spec is lost while the status is written;
 *       an object that was replaced during a gap in the watch is reconciled; the API server selects the node's objects
 *   <li>{@link dev.iptunnel.agent.sdk.NewObjects}: an object that was deleted and created again at once is reconciled
 *   <li>{@link dev.iptunnel.agent.sdk.FirstList}: the agent does not start without the first list
 *   <li>{@link dev.iptunnel.agent.sdk.Reminders}: retries do not depend on the wall clock
 *   <li>{@link dev.iptunnel.agent.sdk.WatchedPool}: an {@code Error} in a reconciler thread is reported
 *   <li>{@link dev.iptunnel.agent.sdk.EventTags}: Prometheus accepts the SDK's counter of events
 * </ul>
 *
 * <p>Two work-arounds are in the code that needs them: {@code IpTunnelReconciler.updateErrorStatus} allows the SDK no
 * retry, and {@code agent.orphan.Deletions} has retries of its own, both because the SDK may forget a deletion. Those for
 * the HTTP client are in {@code dev.iptunnel.apiserver}.
 */
@NullMarked
package dev.iptunnel.agent.sdk;

import org.jspecify.annotations.NullMarked;
