package dev.iptunnel.netlink.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.iptunnel.netlink.Capture;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.ScriptedTransport;
import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.message.MessageBuilder;
import dev.iptunnel.netlink.message.MessageType;
import dev.iptunnel.netlink.message.NetlinkMessage;
import dev.iptunnel.netlink.route.Rule.Selected;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RuleTest {
    private final ScriptedTransport transport = new ScriptedTransport();
    private final Rtnetlink rtnetlink = new Rtnetlink(transport);

    @Test
    void rules_are_listed_as_iproute2_does_it() {
        Capture capture = Capture.of("rules6");
        transport.answering(capture);

        List<Rule> rules = rtnetlink.rules(AddressFamily.IPV6);

        assertThat(fixedPart(transport.sent.getFirst()))
                .isEqualTo(fixedPart(capture.sent().getFirst()));
        assertThat(rules).containsExactly(rule(0, 255), rule(32766, 254));
    }

    @Test
    void a_rule_that_selects_packets_is_selective() {
        transport.answering(Capture.of("rules"));

        List<Rule> rules = rtnetlink.rules(AddressFamily.IPV4);

        assertThat(rules)
                .extracting(Rule::priority, Rule::action, Rule::table, Rule::selective)
                .containsExactly(
                        tuple(0, RuleAction.TO_TABLE, 255, false),
                        tuple(99, RuleAction.TO_TABLE, 200, false),
                        tuple(100, RuleAction.TO_TABLE, 1001, true),
                        tuple(101, RuleAction.TO_TABLE, 1002, true),
                        tuple(102, RuleAction.BLACKHOLE, 0, true),
                        tuple(103, RuleAction.TO_TABLE, 103, true),
                        tuple(104, RuleAction.TO_TABLE, 104, true),
                        tuple(105, RuleAction.TO_TABLE, 105, true),
                        tuple(106, RuleAction.TO_TABLE, 106, true),
                        tuple(107, RuleAction.TO_TABLE, 254, true),
                        tuple(108, RuleAction.TO_TABLE, 108, true),
                        tuple(109, RuleAction.GOTO, 0, false),
                        tuple(110, RuleAction.TO_TABLE, 0, true),
                        tuple(111, RuleAction.NOP, 0, false),
                        tuple(112, RuleAction.PROHIBIT, 0, false),
                        tuple(113, RuleAction.UNREACHABLE, 0, false),
                        tuple(32766, RuleAction.TO_TABLE, 254, false),
                        tuple(32767, RuleAction.TO_TABLE, 253, false));
    }

    @Test
    void inverted_rules_and_rules_with_unknown_attributes_are_selective() {
        assertThat(decode(0, 0).selective()).isFalse();
        assertThat(decode(2, 0).selective()).isTrue();
        assertThat(decode(0, 200).selective()).isTrue();
    }

    @Test
    void rules_of_the_other_family_are_left_out() {
        transport.answering(Capture.of("rules6"));

        assertThat(rtnetlink.rules(AddressFamily.IPV4)).isEmpty();
    }

    @Test
    void a_family_that_the_kernel_does_not_have_has_no_rules() {
        transport.answering(Capture.of("rules-no-family"));

        assertThat(rtnetlink.rules(AddressFamily.IPV6)).isEmpty();
    }

    /** The kernel gives the same answer to every request that it has no handler for. */
    @Test
    void a_kernel_without_policy_routing_has_no_rules() {
        transport.answering(Capture.of("route-no-family"));

        assertThat(rtnetlink.rules(AddressFamily.IPV4)).isEmpty();
    }

    private static Rule rule(int priority, int table) {
        return new Rule(
                AddressFamily.IPV6, priority, RuleAction.TO_TABLE, table, false, Selected.ALL, -1, Optional.empty(), 0);
    }

    /** @param attribute 0 for none */
    private static Rule decode(int flags, int attribute) {
        MessageBuilder message = new MessageBuilder(MessageType.RTM_NEWRULE, 0)
                .u8(AddressFamily.IPV4.number)
                .u8(0)
                .u16(0)
                .u32(0)
                .u32(flags);
        if (attribute != 0) {
            message.attribute(attribute, 1);
        }
        return Rule.decode(NetlinkMessage.split(message.build(1)).getFirst());
    }

    private static String fixedPart(byte[] request) {
        return Arrays.toString(Arrays.copyOfRange(request, NetlinkMessage.HEADER, request.length));
    }
}
