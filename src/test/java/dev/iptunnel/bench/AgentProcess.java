package dev.iptunnel.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The agent as the image has it, as a process of this kernel: with the image's runtime, options and AOT cache. */
final class AgentProcess implements AutoCloseable {
    static final String NODE = "node1";
    private static final String ADDRESS = "127.0.0.1:9811";
    private static final int PATIENCE_SECONDS = 600;
    private static final int OK = 200;
    private static final int HTTPS = 443;
    /** Of proc(5), in hundredths of a second; utime and stime follow each other. */
    private static final int UTIME_AFTER_COMMAND = 11;

    private static final Pattern READY = Pattern.compile("(?m)^iptunnel_tunnels\\{[^}]*ready=\"true\"[^}]*} ([0-9.]+)");

    private final HttpClient http = HttpClient.newHttpClient();
    private final Process process;
    private final long start = System.nanoTime();

    /**
     * Starts it as in a pod; its root has {@code /proc}.
     *
     * @param image has the image's {@code config.json}, and its files in {@code root}
     * @param user how it reaches the API server, with a token
     */
    AgentProcess(Path image, Config user) {
        List<String> command = new ArrayList<>(
                List.of("chroot", image.resolve("root").toAbsolutePath().toString()));
        try {
            new ObjectMapper()
                    .readTree(image.resolve("config.json").toFile())
                    .at("/config/Entrypoint")
                    .forEach(word -> command.add(word.asText()));
            command.addAll(List.of("agent", "--node-name", NODE, "--http-address", ADDRESS));
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            image.resolve("agent.log").toFile()));
            Path account = Files.createDirectories(image.resolve("root/var/run/secrets/kubernetes.io/serviceaccount"));
            Files.writeString(account.resolve("token"), user.getOauthToken());
            Files.write(account.resolve("ca.crt"), certificate(user));
            URI apiServer = URI.create(user.getMasterUrl());
            builder.environment().put("KUBERNETES_SERVICE_HOST", apiServer.getHost());
            builder.environment()
                    .put(
                            "KUBERNETES_SERVICE_PORT",
                            Integer.toString(apiServer.getPort() < 0 ? HTTPS : apiServer.getPort()));
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] certificate(Config user) throws IOException {
        return user.getCaCertFile() == null
                ? Base64.getDecoder().decode(user.getCaCertData())
                : Files.readAllBytes(Path.of(user.getCaCertFile()));
    }

    /** Seconds since it was started. */
    double age() {
        return (System.nanoTime() - start) / 1e9;
    }

    void awaitReady() throws InterruptedException {
        while (!isReady()) {
            Thread.sleep(10);
            if (age() > PATIENCE_SECONDS || !process.isAlive()) {
                throw new IllegalStateException("the agent is not ready");
            }
        }
    }

    private boolean isReady() throws InterruptedException {
        try {
            return http.send(request("/readyz"), BodyHandlers.discarding()).statusCode() == OK;
        } catch (IOException notYet) {
            return false;
        }
    }

    private static HttpRequest request(String path) {
        return HttpRequest.newBuilder(URI.create("http://" + ADDRESS + path)).build();
    }

    /** Until so many tunnels are Ready. */
    void awaitTunnels(int count) throws InterruptedException {
        double end = age() + PATIENCE_SECONDS;
        while (readyTunnels() != count) {
            Thread.sleep(500);
            if (age() > end) {
                throw new IllegalStateException(readyTunnels() + " of " + count + " tunnels are Ready");
            }
        }
    }

    private int readyTunnels() throws InterruptedException {
        try {
            Matcher metric = READY.matcher(
                    http.send(request("/metrics"), BodyHandlers.ofString()).body());
            return metric.find() ? (int) Double.parseDouble(metric.group(1)) : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Seconds of processor time, as the kernel of this machine accounts them. */
    double processorTime() {
        String stat = read("stat");
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Double.parseDouble(fields[UTIME_AFTER_COMMAND]) + Double.parseDouble(fields[UTIME_AFTER_COMMAND + 1]))
                / 100;
    }

    /** In MiB, of a line of smaps_rollup of proc(5), such as {@code Rss}. */
    double memory(String line) {
        return read("smaps_rollup")
                .lines()
                .filter(text -> text.startsWith(line + ":"))
                .mapToDouble(text -> Double.parseDouble(text.replaceAll("\\D", "")) / 1024)
                .findFirst()
                .orElseThrow();
    }

    private String read(String file) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(process.pid()), file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** By {@code SIGKILL}. */
    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
        http.close();
    }
}
