/** What the controller writes: IpTunnels, addresses, revisions and statuses. */
@NullMarked
package dev.iptunnel.controller.write;

import org.jspecify.annotations.NullMarked;
