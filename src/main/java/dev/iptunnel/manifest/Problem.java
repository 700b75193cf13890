package dev.iptunnel.manifest;

/**
 * Why a file or a document asks for nothing.
 *
 * @param name the name of the IpTunnel, as far as it can be read; otherwise empty
 * @param message names the field and says what to write instead
 */
public record Problem(Place place, String name, String message) {
    @Override
    public String toString() {
        return place + ": " + message;
    }
}
