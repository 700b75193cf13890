package dev.iptunnel.agent;

/** What is asked of the API server itself before a tunnel is removed. */
record ApiLookups(ObjectLookup objects, DefinitionLookup definitions) {}
