package dev.iptunnel.controller.write;

/** Is told of each write to the API server. */
@FunctionalInterface
public interface WriteListener {
    /**
     * A write ended.
     *
     * @param resource such as {@code iptunnels}
     * @param verb such as {@code apply}
     * @param code of HTTP; 0 if there was no answer
     */
    void wrote(String resource, String verb, int code);
}
