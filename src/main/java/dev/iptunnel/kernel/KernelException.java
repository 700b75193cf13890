package dev.iptunnel.kernel;

import dev.iptunnel.errno.Errno;
import dev.iptunnel.plan.Operation;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** The kernel refused an operation, or did not answer. The message has the operation, the interface and the error. */
public final class KernelException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Reason reason;
    private final String operation;
    private final String interfaceName;
    private final Errno errno;
    private final String detail;
    private final transient List<Operation> executed;
    private final boolean ofParts;

    /** {@code advice} says what the user can do. It may be empty. */
    public KernelException(
            Reason reason, String operation, String interfaceName, Errno errno, String advice, Throwable cause) {
        this(
                reason,
                operation,
                interfaceName,
                errno,
                cause,
                operation + " " + interfaceName + ": " + errno + (advice.isEmpty() ? "" : "; " + advice),
                List.of(),
                false);
    }

    private KernelException(
            Reason reason,
            String operation,
            String interfaceName,
            Errno errno,
            Throwable cause,
            String detail,
            List<Operation> executed,
            boolean ofParts) {
        super(detail, cause);
        this.executed = List.copyOf(executed);
        this.ofParts = ofParts;
        this.detail = detail;
        this.reason = reason;
        this.operation = operation;
        this.interfaceName = interfaceName;
        this.errno = errno;
    }

    /** The same failure within a plan, of which these operations were executed; {@code onlyParts} as {@link #isOfParts}. */
    public KernelException of(List<Operation> done, boolean onlyParts) {
        KernelException ofPlan =
                new KernelException(reason, operation, interfaceName, errno, this, detail, done, onlyParts);
        Arrays.stream(getSuppressed()).forEach(ofPlan::addSuppressed);
        return ofPlan;
    }

    /** The operations of the plan that were executed all the same. */
    public List<Operation> executed() {
        return executed;
    }

    /** Whether everything of the plan was executed but single addresses, routes and settings. */
    public boolean isOfParts() {
        return ofParts;
    }

    /** The reason that a user reads in the status. */
    public Reason reason() {
        return reason;
    }

    /** This failure and the suppressed ones, which are of other operations of the plan, for the status. */
    public List<Refusal> refusals() {
        Stream<KernelException> others = Arrays.stream(getSuppressed())
                .filter(KernelException.class::isInstance)
                .map(KernelException.class::cast);
        return Stream.concat(Stream.of(this), others)
                .map(failure -> new Refusal(failure.reason, failure.detail))
                .toList();
    }

    /** The message. */
    public String detail() {
        return detail;
    }

    /** The ioctl or the rtnetlink message, such as {@code SIOCCHGTUNNEL}. */
    public String operation() {
        return operation;
    }

    public String interfaceName() {
        return interfaceName;
    }

    public Errno errno() {
        return errno;
    }
}
