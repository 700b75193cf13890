/** What the controller tells the kubelet, Prometheus and a person. */
@NullMarked
package dev.iptunnel.controller.health;

import org.jspecify.annotations.NullMarked;
