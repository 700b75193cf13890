/** The API as a real API server sees it: the CRD, admission, the agent's rights. */
@NullMarked
package dev.iptunnel.api;

import org.jspecify.annotations.NullMarked;
