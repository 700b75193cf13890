package dev.iptunnel.controller.spec;

import java.util.Map;
import java.util.regex.Pattern;

/** The syntax of labels: <a href="https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/">labels</a>. */
final class LabelText {
    static final String NO_KEY = "no key of a label: write one like \"zone\" or \"example.com/zone\"";
    static final String NO_VALUE =
            "no value of a label: write at most 63 characters: a-z, A-Z, 0-9, \"-\", \"_\" and \".\", with a letter or"
                    + " digit at both ends";

    private static final String NAME = "[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?";
    private static final String DNS_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private static final Pattern KEY =
            Pattern.compile("((?=[^/]{1,253}/)" + DNS_LABEL + "(\\." + DNS_LABEL + ")*/)?" + NAME);
    private static final Pattern VALUE = Pattern.compile("(" + NAME + ")?");

    private LabelText() {}

    static boolean isKey(String text) {
        return KEY.matcher(text).matches();
    }

    static boolean isValue(String text) {
        return VALUE.matcher(text).matches();
    }

    /** Adds a finding if one is not as it has to be. */
    static void check(Findings findings, String field, Map<String, String> labels) {
        findings.require(labels.keySet().stream().allMatch(LabelText::isKey), field, NO_KEY);
        findings.require(labels.values().stream().allMatch(LabelText::isValue), field, NO_VALUE);
    }
}
