/** The condition Paired of IpTunnels. */
@NullMarked
package dev.iptunnel.controller.pairing;

import org.jspecify.annotations.NullMarked;
