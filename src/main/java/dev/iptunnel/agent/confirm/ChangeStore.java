package dev.iptunnel.agent.confirm;

import java.util.List;

/** Keeps changes over a restart of the agent, and of the node. */
interface ChangeStore {
    /** Keeps nothing. */
    ChangeStore NONE = new ChangeStore() {
        @Override
        public List<StoredChange> all() {
            return List.of();
        }

        @Override
        public void save(StoredChange change) {}

        @Override
        public void remove(String uid) {}
    };

    /** All that can be read. */
    List<StoredChange> all();

    /** Replaces the change of the same object. After this returns it survives a power cut. */
    void save(StoredChange change);

    void remove(String uid);
}
