/**
 * The connection to the API server: detects a silent peer, limits every wait, and reads a changed CA file. These are
 * work-arounds for Fabric8's and the JDK's HTTP client; see "Work-arounds" in {@code src/ARCHITECTURE.md}.
 */
@NullMarked
package dev.iptunnel.apiserver;

import org.jspecify.annotations.NullMarked;
