package dev.iptunnel.http;

import java.io.IOException;
import java.net.Socket;

/** What is between TCP and HTTP, such as TLS. */
@FunctionalInterface
public interface SocketLayer {
    /** HTTP directly over TCP. */
    SocketLayer NONE = socket -> socket;

    /** A socket that reads and writes by way of the accepted one, which is closed separately. */
    Socket over(Socket accepted) throws IOException;
}
