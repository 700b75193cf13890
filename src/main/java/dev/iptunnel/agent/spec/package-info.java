/** Reads what an IpTunnel of the API server asks for, and says what is wrong with it. */
@NullMarked
package dev.iptunnel.agent.spec;

import org.jspecify.annotations.NullMarked;
