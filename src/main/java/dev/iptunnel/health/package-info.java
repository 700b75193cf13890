/** What a process of ours tells the kubelet, Prometheus and a person about itself. */
@NullMarked
package dev.iptunnel.health;

import org.jspecify.annotations.NullMarked;
