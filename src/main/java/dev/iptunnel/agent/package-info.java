/** The operator of one node: reconciles its IpTunnels with its kernel; status, Events, metrics, health. */
@NullMarked
package dev.iptunnel.agent;

import org.jspecify.annotations.NullMarked;
