/** Reads what an IpTunnel asks for, and says what is wrong with its spec. */
@NullMarked
package dev.iptunnel.agent.spec;

import org.jspecify.annotations.NullMarked;
