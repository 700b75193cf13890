/** What users install with: the kustomizations, the Helm chart, and what other tools read of an IpTunnel's status. */
@NullMarked
package dev.iptunnel.deploy;

import org.jspecify.annotations.NullMarked;
