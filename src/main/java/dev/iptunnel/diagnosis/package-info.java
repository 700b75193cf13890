/** Why a tunnel does not carry packets: ordered checks over facts that were read before. Pure. */
@NullMarked
package dev.iptunnel.diagnosis;

import org.jspecify.annotations.NullMarked;
