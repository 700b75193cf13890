/**
 * Reconciles IpTunnels: the order of things for one object, its status, and what wakes it up. Has the work-arounds
 * for the SDK.
 */
@NullMarked
package dev.iptunnel.agent.reconcile;

import org.jspecify.annotations.NullMarked;
