/** The public contract: the custom resources of group {@code iptunnel.dev}, as clients write and read them. */
@NullMarked
package dev.iptunnel.api.v1alpha1;

import org.jspecify.annotations.NullMarked;
