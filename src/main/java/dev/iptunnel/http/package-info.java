/** Small HTTP servers whose clients cannot keep others from an answer: with limits on connections, bytes and time. */
@NullMarked
package dev.iptunnel.http;

import org.jspecify.annotations.NullMarked;
