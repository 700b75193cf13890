/** How present tunnels are shown: as a table, as JSON, as manifests, and as commands of ip(8). */
@NullMarked
package dev.iptunnel.show;

import org.jspecify.annotations.NullMarked;
