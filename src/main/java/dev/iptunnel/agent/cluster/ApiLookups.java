package dev.iptunnel.agent.cluster;

/** The questions to the API server before a tunnel is removed. */
public record ApiLookups(ObjectLookup objects, DefinitionLookup definitions) {}
