package dev.iptunnel.libc;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * {@code struct ucred} of the process that listens on a unix socket, by SO_PEERCRED, see unix(7). It is of the time
 * when the process began to listen, with the numbers of this process's namespaces.
 *
 * @param pid 0 where the process is in a PID namespace that this one cannot see
 */
record PeerCredentials(int pid, int uid) {
    private static final int UCRED = 12;

    static PeerCredentials of(WakeableSocket connected) {
        ByteBuffer ucred = Libc.buffer(UCRED);
        ByteBuffer length =
                Libc.buffer(Integer.BYTES).order(ByteOrder.nativeOrder()).putInt(0, UCRED);
        connected.call("getsockopt", fd -> Libc.getsockopt(fd, Libc.SOL_SOCKET, Libc.SO_PEERCRED, ucred, length));
        return new PeerCredentials(ucred.getInt(0), ucred.getInt(4));
    }

    /** Whether it is root, or the user of this process. */
    boolean isPrivileged() {
        return uid == 0 || uid == Libc.geteuid();
    }

    /** Replaces everything but ASCII from the space to the tilde by question marks. */
    static String printable(String text) {
        return text.replaceAll("[^ -~]", "?");
    }

    private String command() {
        try {
            return " ("
                    + printable(
                            Files.readString(Path.of("/proc/" + pid + "/comm")).strip()) + ")";
        } catch (IOException hidden) {
            return "";
        }
    }

    @Override
    public String toString() {
        String process = pid == 0 ? "a process of another PID namespace" : "pid " + pid + command();
        return process + ", uid " + Integer.toUnsignedString(uid);
    }
}
