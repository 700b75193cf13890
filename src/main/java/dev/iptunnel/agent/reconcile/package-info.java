/** Reconciles IpTunnels: the order of the steps for one object, its status, and the events that start it. */
@NullMarked
package dev.iptunnel.agent.reconcile;

import org.jspecify.annotations.NullMarked;
