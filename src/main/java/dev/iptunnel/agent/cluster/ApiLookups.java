package dev.iptunnel.agent.cluster;

/** What is asked of the API server itself before a tunnel is removed. */
public record ApiLookups(ObjectLookup objects, DefinitionLookup definitions) {}
