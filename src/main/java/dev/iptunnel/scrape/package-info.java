/** The metrics over TLS, for those whom the API server allows to read them. */
@NullMarked
package dev.iptunnel.scrape;

import org.jspecify.annotations.NullMarked;
