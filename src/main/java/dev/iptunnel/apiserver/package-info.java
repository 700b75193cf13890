/** The connection to the API server: it notices a peer that has gone silent, and reads a changed CA file. */
@NullMarked
package dev.iptunnel.apiserver;

import org.jspecify.annotations.NullMarked;
