package dev.iptunnel.image;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * Completes the CycloneDX bill of materials of the jars with what else is in the image: the Java runtime, and the
 * machine's C library and dynamic loader, each file by its digest.
 */
public final class BillOfMaterials {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private BillOfMaterials() {}

    /**
     * Arguments: the bill of the jars, the image's folder that holds the runtime, name and version of the C library, and
     * the bill to write.
     */
    public static void main(String... arguments) throws IOException {
        Path runtime = Path.of(arguments[1]);
        ObjectNode bill = (ObjectNode) JSON.readTree(Path.of(arguments[0]).toFile());
        ArrayNode components = bill.withArray("components");
        components.add(javaRuntime(runtime.resolve("jre").resolve("release")));
        components.add(cLibrary(arguments[2]));
        for (Path library : nativeLibraries(runtime)) {
            components.add(nativeLibrary(runtime, library));
        }
        JSON.writeValue(Path.of(arguments[3]).toFile(), bill);
    }

    private static ObjectNode javaRuntime(Path release) throws IOException {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(release)) {
            properties.load(reader);
        }
        return component("platform", "java-runtime", unquoted(properties, "JAVA_VERSION"))
                .put("description", "modules " + unquoted(properties, "MODULES"));
    }

    private static String unquoted(Properties properties, String key) {
        String value = properties.getProperty(key);
        if (value == null) {
            throw new IllegalStateException("the Java runtime's release file does not say " + key);
        }
        return value.replace("\"", "");
    }

    private static ObjectNode cLibrary(String nameAndVersion) {
        String[] words = nameAndVersion.split(" ", 2);
        return component("library", words[0], words[1])
                .put("cpe", "cpe:2.3:a:gnu:%s:%s:*:*:*:*:*:*:*".formatted(words[0], words[1]));
    }

    private static List<Path> nativeLibraries(Path runtime) throws IOException {
        try (Stream<Path> files = Files.walk(runtime)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> !file.startsWith(runtime.resolve("jre")))
                    .sorted()
                    .toList();
        }
    }

    private static ObjectNode nativeLibrary(Path runtime, Path file) throws IOException {
        String digest = sha256(file);
        ObjectNode component = component("file", "/" + runtime.relativize(file), "sha256:" + digest);
        component.putArray("hashes").addObject().put("alg", "SHA-256").put("content", digest);
        return component;
    }

    private static ObjectNode component(String type, String name, String version) {
        return JSON.createObjectNode()
                .put("type", type)
                .put("bom-ref", name)
                .put("name", name)
                .put("version", version);
    }

    private static String sha256(Path file) throws IOException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }
}
