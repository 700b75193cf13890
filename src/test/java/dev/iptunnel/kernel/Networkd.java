package dev.iptunnel.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Debian's systemd-networkd on this kernel, as e2e/beside runs it; a test ends with none. */
final class Networkd implements AfterEachCallback {
    private static final String COMMAND = "e2e/beside/networkd";

    /** It sets them up, and leaves them up when it ends. */
    private static final List<String> FALLBACK_DEVICES = List.of("tunl0", "sit0", "ip6tnl0");

    private boolean running;

    /**
     * Returns when it has done what it does at its start.
     *
     * @param files the contents of {@code .network} files, of which the first that matches an interface holds
     */
    void start(String... files) {
        List<String> command = new ArrayList<>(List.of(COMMAND, "start"));
        try {
            Path folder = Files.createTempDirectory("networkd");
            for (int i = 0; i < files.length; i++) {
                command.add(Files.writeString(folder.resolve(10 + i + ".network"), files[i])
                        .toString());
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        running = true;
        Iproute2.run(command);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (running) {
            Iproute2.run(COMMAND + " stop");
            FALLBACK_DEVICES.stream()
                    .filter(Iproute2::exists)
                    .forEach(device -> Iproute2.batch("link set " + device + " down"));
            running = false;
        }
    }
}
