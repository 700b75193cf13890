/**
 * What an IpTunnel asks for, in the terms of ip(8): modes, endpoints, addresses, routes, MTU arithmetic, the mark.
 * Data only, no I/O.
 */
@NullMarked
package dev.iptunnel.tunnel;

import org.jspecify.annotations.NullMarked;
