/** Tunnels as a picture: which node each one leads to, and how it is drawn. */
@NullMarked
package dev.iptunnel.map;

import org.jspecify.annotations.NullMarked;
