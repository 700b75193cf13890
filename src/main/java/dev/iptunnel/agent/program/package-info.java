/** Makes the kernel hold one tunnel: plans, executes, and remembers what others keep undoing. */
@NullMarked
package dev.iptunnel.agent.program;

import org.jspecify.annotations.NullMarked;
