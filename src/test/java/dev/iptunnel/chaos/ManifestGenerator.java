package dev.iptunnel.chaos;

import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import java.util.List;
import java.util.Random;

/**
 * Draws specs that the API server accepts. A slot is a number of a node: what two slots draw meets only where two are to
 * want the same.
 */
final class ManifestGenerator {
    static final int SLOTS = 12;
    /** Nobody has it, unless as an alternative name. */
    static final String ABSENT_PARENT = "later0";

    private static final List<String> MODES = List.of("ipip", "sit", "ip6ip6", "ipip6");
    private static final int VARIANTS = 4;

    private final Random random;

    ManifestGenerator(Random random) {
        this.random = random;
    }

    IpTunnelSpec create(int node, int slot) {
        Draw draw = new Draw(node, slot, MODES.get(random.nextInt(MODES.size())));
        return IpTunnels.spec(String.join(
                "\n",
                "nodeName: node" + node,
                "mode: " + draw.mode,
                draw.endpoints(),
                draw.header(),
                draw.mtu(),
                draw.addresses(),
                draw.routes(),
                draw.adminState(),
                draw.interfaceName()));
    }

    /** Another spec that the object can be given. */
    IpTunnelSpec change(IpTunnelSpec spec, int node, int slot) {
        Draw draw = new Draw(node, slot, spec.mode());
        String fields =
                switch (random.nextInt(9)) {
                    case 0, 1 -> draw.endpoints();
                    case 2 -> draw.header();
                    case 3 -> draw.mtu();
                    case 4 -> draw.addresses();
                    case 5 -> draw.routes();
                    case 6 -> draw.adminState();
                    case 7 -> draw.interfaceName();
                    default -> draw.addresses() + "\n" + draw.routes() + "\n" + draw.header();
                };
        return IpTunnels.with(spec, fields);
    }

    private boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    private String any(String... choices) {
        return choices[random.nextInt(choices.length)];
    }

    /** Groups of fields, each written in full, so that they take the place of earlier ones. */
    private final class Draw {
        private final int node;
        private final int slot;
        private final String mode;
        private final boolean outer4;
        private final boolean inner4;

        Draw(int node, int slot, String mode) {
            this.node = node;
            this.slot = slot;
            this.mode = mode;
            this.outer4 = mode.equals("ipip") || mode.equals("sit");
            this.inner4 = mode.equals("ipip") || mode.equals("ipip6");
        }

        String endpoints() {
            String parent = chance(55) ? "null" : any("wan0", "wan0", "wan1", ABSENT_PARENT);
            if (outer4 && !parent.equals("null") && chance(8)) {
                return endpoints("any", "null", "any", parent);
            }
            if (chance(8)) {
                return endpoints(
                        outer4 ? "10.77.0." + node : "fd77::" + node,
                        "null",
                        outer4 ? "10.77.0.200" : "fd77::200",
                        "null");
            }
            String remote = remote(chance(50) ? "77" : any("99", "98"));
            return switch (random.nextInt(6)) {
                case 0, 1 -> endpoints(outer4 ? "10.77.0." + node : "fd77::" + node, "null", remote, parent);
                case 2 -> endpoints(outer4 ? "10.99.0." + node : "fd99::" + node, "null", remote, parent);
                case 3 -> endpoints("null", "{type: NodeAddress}", remote, parent);
                case 4 -> endpoints("null", "{type: Interface, interfaceName: wan1}", remote, parent);
                default ->
                    parent.equals("null")
                            ? endpoints("any", "null", remote, parent)
                            : endpoints("null", "{type: Parent}", remote, parent);
            };
        }

        private String endpoints(String local, String localFrom, String remote, String parent) {
            return "local: " + quoted(local) + "\nlocalFrom: " + localFrom + "\nremote: " + quoted(remote)
                    + "\nparent: " + parent;
        }

        private static String quoted(String text) {
            return text.equals("null") ? text : "\"" + text + "\"";
        }

        /** Of the slot's own, in the network of the node or in that of a parent. */
        private String remote(String network) {
            int number = 20 + slot * VARIANTS + random.nextInt(VARIANTS);
            return outer4 ? "10." + network + ".0." + number : "fd" + network + "::1:" + number;
        }

        String header() {
            String ttl = chance(40) ? "64" : chance(80) ? String.valueOf(1 + random.nextInt(255)) : "inherit";
            String dscp = chance(60) ? "0" : chance(80) ? String.valueOf(random.nextInt(64)) : "inherit";
            String fields = "ttl: " + ttl + "\ndscp: " + dscp;
            if (outer4) {
                return fields;
            }
            return fields
                    + "\nencapsulationLimit: " + (chance(60) ? "none" : random.nextInt(256))
                    + "\nflowLabel: " + (chance(60) ? "0" : chance(80) ? random.nextInt(0x100000) : "inherit");
        }

        String mtu() {
            return "mtu: " + (chance(75) ? "null" : 1280 + random.nextInt(200));
        }

        String addresses() {
            StringBuilder list = new StringBuilder("addresses: [");
            int count = random.nextInt(3);
            int first = random.nextInt(3);
            for (int i = 0; i < count; i++) {
                int network = 1 + slot * VARIANTS + first + i;
                list.append(i == 0 ? "" : ", ")
                        .append("{address: \"")
                        .append(inner4 ? "192.168." + network + "." + node + "/30" : "fd00:" + network + "::1/64")
                        .append("\"}");
            }
            return list.append("]").toString();
        }

        String routes() {
            StringBuilder list = new StringBuilder("routes: [");
            int count = random.nextInt(3);
            int first = random.nextInt(3);
            for (int i = 0; i < count; i++) {
                int network = first + i;
                list.append(i == 0 ? "" : ", ")
                        .append("{destination: \"")
                        .append(
                                inner4
                                        ? "10." + (100 + slot) + "." + network + ".0/24"
                                        : "fd10:" + (1 + slot) + ":" + (1 + network) + "::/64")
                        .append("\", metric: ")
                        .append(any("0", "50", "700"))
                        .append(", table: ")
                        .append(any("254", "254", String.valueOf(300 + slot)))
                        .append("}");
            }
            return list.append("]").toString();
        }

        String adminState() {
            return "adminState: " + (chance(12) ? "Down" : "Up");
        }

        /** Not "if1-2": of a name that is gone and begins like that, ip(8) takes the number for an ifindex. */
        String interfaceName() {
            String name = chance(70) ? "null" : chance(15) ? NodeLayout.UPLINK : "other" + node + "-" + slot;
            return "interfaceName: " + name;
        }
    }
}
