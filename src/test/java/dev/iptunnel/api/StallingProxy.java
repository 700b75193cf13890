package dev.iptunnel.api;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Forwards TCP connections to the API server. Those that are open can be made half-open: nothing is forwarded any more
 * in either direction, and neither side notices.
 */
public final class StallingProxy implements AutoCloseable {
    private final URI target;
    private final ServerSocket listener;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private volatile AtomicBoolean stalled = new AtomicBoolean();

    public StallingProxy(String target) {
        this.target = URI.create(target);
        try {
            listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        threads.execute(this::serve);
    }

    /** The URL to connect to instead of the target. */
    public String url() {
        return target.getScheme() + "://127.0.0.1:" + listener.getLocalPort();
    }

    /** Makes the open connections silent; new ones work. */
    public void stall() {
        AtomicBoolean present = stalled;
        stalled = new AtomicBoolean();
        present.set(true);
    }

    private void serve() {
        try {
            while (true) {
                Socket client = listener.accept();
                sockets.add(client);
                int port = target.getPort() < 0 ? 443 : target.getPort();
                Socket server = new Socket(target.getHost(), port);
                sockets.add(server);
                AtomicBoolean silent = stalled;
                threads.execute(() -> forward(client, server, silent));
                threads.execute(() -> forward(server, client, silent));
            }
        } catch (IOException closed) {
            return;
        }
    }

    private static void forward(Socket from, Socket to, AtomicBoolean silent) {
        byte[] buffer = new byte[16 << 10];
        try {
            int length = from.getInputStream().read(buffer);
            while (length >= 0) {
                if (!silent.get()) {
                    to.getOutputStream().write(buffer, 0, length);
                }
                length = from.getInputStream().read(buffer);
            }
            if (!silent.get()) {
                to.shutdownOutput();
            }
        } catch (IOException closed) {
            return;
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        threads.shutdownNow();
    }
}
