/** The API with a real API server: the CRD, admission, the agent's rights. */
@NullMarked
package dev.iptunnel.api;

import org.jspecify.annotations.NullMarked;
