/** Whether the other end of each tunnel exists, and fits: pure, and without Kubernetes. */
@NullMarked
package dev.iptunnel.pairing;

import org.jspecify.annotations.NullMarked;
