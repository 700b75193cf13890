/** Reads what an IpTunnelSet asks for, and says what is wrong with its spec. */
@NullMarked
package dev.iptunnel.controller.spec;

import org.jspecify.annotations.NullMarked;
