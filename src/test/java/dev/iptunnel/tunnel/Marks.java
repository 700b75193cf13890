package dev.iptunnel.tunnel;

/** Marks for tests. */
public final class Marks {
    public static final String MANAGER = "11111111-1111-4111-8111-111111111111";
    static final String UID = "22222222-2222-4222-8222-222222222222";

    private Marks() {}

    public static Mark of(String name) {
        return of(name, UID);
    }

    public static Mark of(String name, String uid) {
        return new Mark(MANAGER, uid, DeletionPolicy.DELETE, name);
    }
}
