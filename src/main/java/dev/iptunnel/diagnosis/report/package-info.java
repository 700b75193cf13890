/** Diagnoses as text for a person, and as JSON. */
@NullMarked
package dev.iptunnel.diagnosis.report;

import org.jspecify.annotations.NullMarked;
