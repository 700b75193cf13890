/** Netlink messages and attributes in general: encoding, decoding, acknowledgements, dumps. See netlink(7). */
@NullMarked
package dev.iptunnel.netlink.message;

import org.jspecify.annotations.NullMarked;
