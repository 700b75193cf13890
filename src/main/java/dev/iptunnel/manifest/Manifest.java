package dev.iptunnel.manifest;

import dev.iptunnel.api.v1alpha1.IpTunnel;

/**
 * One IpTunnel in a file. Its fields have the types and the values that the CRD's schema allows; {@link NodeManifests} checks
 * how they fit together.
 *
 * @param place where it begins
 * @param tunnel with the defaults of the schema
 */
public record Manifest(Place place, IpTunnel tunnel) {
    public String name() {
        return tunnel.getMetadata().getName();
    }
}
