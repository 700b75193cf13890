/** The controller of IpTunnelSets, assembled from the packages below. */
@NullMarked
package dev.iptunnel.controller;

import org.jspecify.annotations.NullMarked;
