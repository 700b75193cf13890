package dev.iptunnel.diagnosis.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.iptunnel.diagnosis.Diagnosis;
import dev.iptunnel.diagnosis.Finding;
import dev.iptunnel.plan.Reason;
import java.util.List;

/** The names of this JSON never change; more may be added. */
public final class DiagnosisJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    private DiagnosisJson() {}

    /** An object with the field {@code tunnels}, also for one tunnel. */
    public static String of(List<Diagnosis> diagnoses) {
        ObjectNode root = JSON.createObjectNode();
        ArrayNode tunnels = root.putArray("tunnels");
        diagnoses.forEach(diagnosis -> add(tunnels.addObject(), diagnosis));
        return root.toPrettyString() + "\n";
    }

    private static void add(ObjectNode tunnel, Diagnosis diagnosis) {
        tunnel.put("interface", diagnosis.name())
                .put("result", diagnosis.outcome().toString());
        diagnosis
                .rootCause()
                .ifPresentOrElse(cause -> add(tunnel.putObject("rootCause"), cause), () -> tunnel.putNull("rootCause"));
        ArrayNode checks = tunnel.putArray("checks");
        diagnosis.findings().forEach(finding -> add(checks.addObject(), finding));
    }

    private static void add(ObjectNode check, Finding finding) {
        check.put("check", finding.check().toString())
                .put("result", finding.outcome().toString())
                .put("reason", finding.reason().map(Reason::toString).orElse(""))
                .put("seen", finding.seen())
                .put("advice", finding.advice().orElse(""));
    }
}
