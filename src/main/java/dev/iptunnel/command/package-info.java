/** What the commands plan, apply and delete do; without the command line. */
@NullMarked
package dev.iptunnel.command;

import org.jspecify.annotations.NullMarked;
