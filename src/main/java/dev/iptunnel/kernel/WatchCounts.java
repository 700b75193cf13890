package dev.iptunnel.kernel;

/**
 * What became of the kernel's notifications since the start.
 *
 * @param overruns how often the kernel dropped notifications, because they came faster than they were read (ENOBUFS)
 * @param relists how often everything was listed again, after an overrun or a failure of a socket
 */
public record WatchCounts(long overruns, long relists) {
    public static final WatchCounts NONE = new WatchCounts(0, 0);
}
