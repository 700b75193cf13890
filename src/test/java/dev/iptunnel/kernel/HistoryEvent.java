package dev.iptunnel.kernel;

import dev.iptunnel.tunnel.TunnelMode;
import java.util.List;

/** What happens between two reconciliations. A number that picks something is taken modulo what is there. */
sealed interface HistoryEvent {
    /** An object is made, or gets another spec; with another mode it is a new object of the same name. */
    record Want(HistoryObject object) implements HistoryEvent {}

    /** One field of an object gets another value. */
    record ChangeField(int pick, int column, int value) implements HistoryEvent {}

    record Forget(int pick) implements HistoryEvent {}

    /** Deleted and made anew: the same name and spec, another UID. */
    record MakeAnew(int pick, int age) implements HistoryEvent {}

    record SwapNames(int pick, int other) implements HistoryEvent {}

    record SwapEndpoints(int pick, int other) implements HistoryEvent {}

    /** The agent dies after some operations, and knows nothing when it is started again. */
    record Die(int operations) implements HistoryEvent {}

    /** The kernel refuses one operation, after some that it took. */
    record Fail(int operations) implements HistoryEvent {}

    /** Somebody makes a device that is no tunnel. */
    record ForeignDevice(String name) implements HistoryEvent {}

    /** Somebody makes a tunnel, such as another manager: its endpoints are those that an object might want. */
    record ForeignTunnel(TunnelMode mode, String name, HistoryObject endpoints, boolean up, String alias)
            implements HistoryEvent {}

    /** Somebody makes by hand what an object asks for, instead of ours: only its first part, or the whole. */
    record Twin(int pick, boolean halfBorn) implements HistoryEvent {}

    record RemoveForeign(int pick) implements HistoryEvent {}

    /** A routing daemon has a route that an object wants, or gives it up. */
    record RivalRoute(int pick, boolean there) implements HistoryEvent {}

    /** The second parent goes. */
    record ParentGoes() implements HistoryEvent {}

    /** A parent gets another MTU; the second one comes back where it is gone. */
    record ParentMtu(String parent, int mtu) implements HistoryEvent {}

    /** Somebody changes a tunnel of ours: commands in which {@code NAME} and {@code KIND} are the device's. */
    record Drift(int pick, List<String> commands) implements HistoryEvent {}
}
