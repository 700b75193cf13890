/** The command {@code iptunnel}: the only place that reads arguments and the environment. */
@NullMarked
package dev.iptunnel.cli;

import org.jspecify.annotations.NullMarked;
