package dev.iptunnel.errno;

import java.util.Map;

/**
 * An error number of the kernel, as in errno(3) and {@code asm-generic/errno.h}: the numbers of x86_64 and aarch64.
 *
 * @param number positive
 */
public record Errno(int number) {
    public static final Errno EPERM = new Errno(1);
    public static final Errno ENOENT = new Errno(2);
    public static final Errno ESRCH = new Errno(3);
    public static final Errno EINTR = new Errno(4);
    public static final Errno EIO = new Errno(5);
    public static final Errno ENXIO = new Errno(6);
    public static final Errno E2BIG = new Errno(7);
    public static final Errno EBADF = new Errno(9);
    public static final Errno EAGAIN = new Errno(11);
    public static final Errno ENOMEM = new Errno(12);
    public static final Errno EACCES = new Errno(13);
    public static final Errno EFAULT = new Errno(14);
    public static final Errno EBUSY = new Errno(16);
    public static final Errno EEXIST = new Errno(17);
    public static final Errno ENODEV = new Errno(19);
    public static final Errno EINVAL = new Errno(22);
    public static final Errno ENFILE = new Errno(23);
    public static final Errno EMFILE = new Errno(24);
    public static final Errno ENOTTY = new Errno(25);
    public static final Errno EROFS = new Errno(30);
    public static final Errno ERANGE = new Errno(34);
    public static final Errno EBADMSG = new Errno(74);
    public static final Errno EMSGSIZE = new Errno(90);
    public static final Errno ENOPROTOOPT = new Errno(92);
    public static final Errno EOPNOTSUPP = new Errno(95);
    public static final Errno EAFNOSUPPORT = new Errno(97);
    public static final Errno EADDRINUSE = new Errno(98);
    public static final Errno EADDRNOTAVAIL = new Errno(99);
    public static final Errno ENETDOWN = new Errno(100);
    public static final Errno ENETUNREACH = new Errno(101);
    public static final Errno ECONNRESET = new Errno(104);
    public static final Errno ENOBUFS = new Errno(105);
    public static final Errno ETIMEDOUT = new Errno(110);
    public static final Errno ECONNREFUSED = new Errno(111);
    public static final Errno EHOSTUNREACH = new Errno(113);

    private record Text(String name, String meaning) {}

    private static final Map<Errno, Text> TEXTS = Map.ofEntries(
            Map.entry(EPERM, new Text("EPERM", "Operation not permitted")),
            Map.entry(ENOENT, new Text("ENOENT", "No such file or directory")),
            Map.entry(ESRCH, new Text("ESRCH", "No such process")),
            Map.entry(EINTR, new Text("EINTR", "Interrupted system call")),
            Map.entry(EIO, new Text("EIO", "Input/output error")),
            Map.entry(ENXIO, new Text("ENXIO", "No such device or address")),
            Map.entry(E2BIG, new Text("E2BIG", "Argument list too long")),
            Map.entry(EBADF, new Text("EBADF", "Bad file descriptor")),
            Map.entry(EAGAIN, new Text("EAGAIN", "Resource temporarily unavailable")),
            Map.entry(ENOMEM, new Text("ENOMEM", "Cannot allocate memory")),
            Map.entry(EACCES, new Text("EACCES", "Permission denied")),
            Map.entry(EFAULT, new Text("EFAULT", "Bad address")),
            Map.entry(EBUSY, new Text("EBUSY", "Device or resource busy")),
            Map.entry(EEXIST, new Text("EEXIST", "File exists")),
            Map.entry(ENODEV, new Text("ENODEV", "No such device")),
            Map.entry(EINVAL, new Text("EINVAL", "Invalid argument")),
            Map.entry(ENFILE, new Text("ENFILE", "Too many open files in system")),
            Map.entry(EMFILE, new Text("EMFILE", "Too many open files")),
            Map.entry(ENOTTY, new Text("ENOTTY", "Inappropriate ioctl for device")),
            Map.entry(EROFS, new Text("EROFS", "Read-only file system")),
            Map.entry(ERANGE, new Text("ERANGE", "Numerical result out of range")),
            Map.entry(EBADMSG, new Text("EBADMSG", "Bad message")),
            Map.entry(EMSGSIZE, new Text("EMSGSIZE", "Message too long")),
            Map.entry(ENOPROTOOPT, new Text("ENOPROTOOPT", "Protocol not available")),
            Map.entry(EOPNOTSUPP, new Text("EOPNOTSUPP", "Operation not supported")),
            Map.entry(EAFNOSUPPORT, new Text("EAFNOSUPPORT", "Address family not supported by protocol")),
            Map.entry(EADDRINUSE, new Text("EADDRINUSE", "Address already in use")),
            Map.entry(EADDRNOTAVAIL, new Text("EADDRNOTAVAIL", "Cannot assign requested address")),
            Map.entry(ENETDOWN, new Text("ENETDOWN", "Network is down")),
            Map.entry(ENETUNREACH, new Text("ENETUNREACH", "Network is unreachable")),
            Map.entry(ECONNRESET, new Text("ECONNRESET", "Connection reset by peer")),
            Map.entry(ENOBUFS, new Text("ENOBUFS", "No buffer space available")),
            Map.entry(ETIMEDOUT, new Text("ETIMEDOUT", "Connection timed out")),
            Map.entry(ECONNREFUSED, new Text("ECONNREFUSED", "Connection refused")),
            Map.entry(EHOSTUNREACH, new Text("EHOSTUNREACH", "No route to host")));

    /** The symbol, {@code EEXIST}; {@code errno 123} where it has none here. */
    public String name() {
        Text text = TEXTS.get(this);
        return text == null ? "errno " + number : text.name();
    }

    /** The symbol and its meaning: {@code EEXIST (File exists)}. */
    @Override
    public String toString() {
        Text text = TEXTS.get(this);
        return text == null ? "errno " + number : text.name() + " (" + text.meaning() + ")";
    }
}
