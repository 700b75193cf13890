/** Manifests of IpTunnels in files: read, checked as the API server would, and turned into what one node is asked for. */
@NullMarked
package dev.iptunnel.manifest;

import org.jspecify.annotations.NullMarked;
