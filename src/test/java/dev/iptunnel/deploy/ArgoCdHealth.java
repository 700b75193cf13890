package dev.iptunnel.deploy;

import dev.iptunnel.api.Program;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Runs the health script for Argo CD in the Lua that Argo CD has: the object is the global variable {@code obj}. */
public final class ArgoCdHealth {
    static final String SCRIPT = "deploy/argocd/health.lua";

    private ArgoCdHealth() {}

    /** The status and, after a space, the message. */
    public static String of(HasMetadata object) {
        String program =
                """
                obj = %s
                local health = dofile("%s")
                print(health.status .. " " .. health.message)
                """
                        .formatted(literal(Manifests.tree(object)), SCRIPT);
        return Program.run("glua", "-e", program).requireOutput();
    }

    private static String literal(Object value) {
        return switch (value) {
            case Map<?, ?> map ->
                map.entrySet().stream()
                        .map(entry -> "[" + literal(entry.getKey()) + "]=" + literal(entry.getValue()))
                        .collect(Collectors.joining(",", "{", "}"));
            case List<?> list -> list.stream().map(ArgoCdHealth::literal).collect(Collectors.joining(",", "{", "}"));
            case String text ->
                "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
            default -> value.toString();
        };
    }
}
