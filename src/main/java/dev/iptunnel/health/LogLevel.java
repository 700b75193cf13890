package dev.iptunnel.health;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.slf4j.LoggerFactory;

/** The level of our own log messages, while the process runs. The libraries keep theirs. */
public final class LogLevel {
    static final String ALL = "trace, debug, info, warn, error, off";
    private static final org.slf4j.Logger log = LoggerFactory.getLogger(LogLevel.class);

    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);

    String current() {
        return root.getLevel().levelStr;
    }

    /** False if there is no such level. */
    boolean change(String level) {
        String name = level.toUpperCase(Locale.ROOT);
        if (List.of(ALL.split(", ")).stream().noneMatch(Predicate.isEqual(level.toLowerCase(Locale.ROOT)))) {
            return false;
        }
        String before = current();
        if (!before.equals(name)) {
            log.atWarn().log("the log level is {} now; it was {}", name, before);
            root.setLevel(Level.toLevel(name));
        }
        return true;
    }
}
