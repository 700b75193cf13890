/** The custom resource IpTunnelSet, as clients write and read it. */
@NullMarked
package dev.iptunnel.api.v1alpha1.set;

import org.jspecify.annotations.NullMarked;
