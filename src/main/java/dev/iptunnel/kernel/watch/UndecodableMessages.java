package dev.iptunnel.kernel.watch;

import dev.iptunnel.netlink.message.NetlinkException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs messages of the kernel that cannot be decoded. Each kind is logged once, since such a message tends to come
 * again.
 */
public final class UndecodableMessages implements Consumer<NetlinkException> {
    private static final Logger log = LoggerFactory.getLogger(UndecodableMessages.class);
    private static final int MOST = 100;

    private final Set<String> logged = ConcurrentHashMap.newKeySet();

    @Override
    public void accept(NetlinkException e) {
        warn("message of a list", e.explanation().orElse(""));
    }

    void warn(String message, String what) {
        if (logged.size() < MOST && logged.add(message + what)) {
            log.atWarn().log("a {} from the kernel cannot be decoded and is passed over: {}", message, what);
        }
    }
}
