package dev.iptunnel.manifest;

/**
 * A place in a manifest, for a message to its author.
 *
 * @param file its name, or {@code standard input}
 * @param document the number of the YAML document in the file, from 1; documents without content do not count
 * @param line in the file, from 1; 0 if the place is the whole file
 */
public record Place(String file, int document, int line) {
    /** The file as a whole. */
    static Place file(String name) {
        return new Place(name, 0, 0);
    }

    @Override
    public String toString() {
        return line == 0 ? file : file + ", document " + document + ", line " + line;
    }
}
