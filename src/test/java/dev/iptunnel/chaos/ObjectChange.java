package dev.iptunnel.chaos;

import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;

/** What a user does to an IpTunnel. */
sealed interface ObjectChange {
    String name();

    record Create(String name, IpTunnelSpec spec) implements ObjectChange {
        @Override
        public String toString() {
            return "create " + name + " " + text(spec);
        }
    }

    record Update(String name, IpTunnelSpec spec) implements ObjectChange {
        @Override
        public String toString() {
            return "update " + name + " " + text(spec);
        }
    }

    record Delete(String name) implements ObjectChange {
        @Override
        public String toString() {
            return "delete " + name;
        }
    }

    /** Deletes and creates at once. */
    record Replace(String name, IpTunnelSpec spec) implements ObjectChange {
        @Override
        public String toString() {
            return "replace " + name + " " + text(spec);
        }
    }

    /** What no manifest is drawn without. */
    String DEFAULTS = ",paused:false,deletionPolicy:Delete,adoptionPolicy:Never";

    private static String text(IpTunnelSpec spec) {
        return new KubernetesSerialization().asJson(spec).replace("\"", "").replace(DEFAULTS, "");
    }
}
