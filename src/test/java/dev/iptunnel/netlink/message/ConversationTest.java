package dev.iptunnel.netlink.message;

import static dev.iptunnel.netlink.message.NetlinkMessage.NLMSG_DONE;
import static dev.iptunnel.netlink.message.NetlinkMessage.NLMSG_OVERRUN;
import static dev.iptunnel.netlink.message.NetlinkMessage.NLM_F_DUMP_INTR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.iptunnel.errno.Errno;
import dev.iptunnel.netlink.Capture;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.ScriptedTransport;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What may go wrong between a request and its answer. */
class ConversationTest {
    private static final int NLM_F_MULTI = 0x2;
    private static final byte[] LINK = Capture.of("link-ipip1").received().getFirst();

    private final ScriptedTransport transport = new ScriptedTransport();
    private final Rtnetlink rtnetlink = new Rtnetlink(transport);

    @Test
    void an_interrupted_dump_is_made_again() {
        transport.answering(withFlags(LINK, NLM_F_MULTI | NLM_F_DUMP_INTR)).answering(done(NLM_F_MULTI, 0));
        transport.answering(withFlags(LINK, NLM_F_MULTI)).answering(done(NLM_F_MULTI, 0));

        assertThat(rtnetlink.links()).hasSize(1);
        assertThat(transport.sent).hasSize(2);
    }

    @Test
    void a_dump_that_is_interrupted_each_time_fails() {
        for (int i = 0; i < 2 * Conversation.DUMP_ATTEMPTS; i++) {
            transport.answering(done(NLM_F_MULTI | NLM_F_DUMP_INTR, 0));
        }

        assertThatExceptionOfType(NetlinkException.class)
                .isThrownBy(rtnetlink::links)
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EINTR));
        assertThat(transport.sent).hasSize(Conversation.DUMP_ATTEMPTS);
    }

    @Test
    void a_dump_that_ends_with_an_error_fails_with_it() {
        transport.answering(withFlags(LINK, NLM_F_MULTI)).answering(done(NLM_F_MULTI, -12));

        assertThatExceptionOfType(NetlinkException.class)
                .isThrownBy(rtnetlink::links)
                .withMessage("RTM_GETLINK: ENOMEM (Cannot allocate memory)");
    }

    @Test
    void an_overrun_of_the_socket_is_an_overrun_exception() {
        transport.failing(new NetlinkOverrunException("recvfrom"));

        assertThatExceptionOfType(NetlinkOverrunException.class).isThrownBy(rtnetlink::links);
    }

    @Test
    void an_overrun_message_is_an_overrun_exception() {
        transport.answering(message(NLMSG_OVERRUN, 0, 0));

        assertThatExceptionOfType(NetlinkOverrunException.class).isThrownBy(rtnetlink::links);
    }

    @Test
    void a_dump_that_fails_is_read_to_its_end_before_the_next_request() {
        byte[] broken = Arrays.copyOf(LINK, LINK.length - 1);
        transport.answering(broken).answering(LINK).answering(done(NLM_F_MULTI, 0));

        assertThatExceptionOfType(NetlinkException.class).isThrownBy(rtnetlink::links);

        assertThat(transport.left()).isZero();
    }

    @Test
    void a_truncated_message_is_malformed() {
        for (int length = 1; length < LINK.length; length++) {
            transport.answering(Arrays.copyOf(LINK, length));

            assertThatExceptionOfType(NetlinkException.class)
                    .isThrownBy(() -> rtnetlink.link(6))
                    .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EBADMSG));
        }
    }

    @Test
    void a_request_without_an_answer_times_out() {
        assertThatExceptionOfType(NetlinkException.class)
                .isThrownBy(() -> rtnetlink.link(6))
                .withMessage("RTM_GETLINK: ETIMEDOUT (Connection timed out)");
    }

    @Test
    void answers_to_other_processes_are_ignored() {
        transport.notifying(LINK).answering(LINK);

        assertThat(rtnetlink.link(6)).isPresent();
        assertThat(transport.left()).isZero();
    }

    @Test
    void late_answers_to_an_earlier_request_are_ignored() {
        byte[] late = LINK.clone();
        ByteBuffer.wrap(late).order(ByteOrder.nativeOrder()).putInt(8, 0).putInt(12, ScriptedTransport.PORT);
        transport.notifying(late).answering(LINK);

        rtnetlink.link(6);

        assertThat(transport.left()).isZero();
    }

    @Test
    void answers_to_another_port_are_ignored() {
        byte[] foreign = LINK.clone();
        ByteBuffer.wrap(foreign).order(ByteOrder.nativeOrder()).putInt(8, 1).putInt(12, ScriptedTransport.PORT + 1);
        transport.notifying(foreign).answering(LINK);

        rtnetlink.link(6);

        assertThat(transport.left()).isZero();
    }

    private static byte[] done(int flags, int error) {
        return message(NLMSG_DONE, flags, error);
    }

    private static byte[] message(int type, int flags, int payload) {
        return ByteBuffer.allocate(20)
                .order(ByteOrder.nativeOrder())
                .putInt(20)
                .putShort((short) type)
                .putShort((short) flags)
                .putInt(0)
                .putInt(0)
                .putInt(payload)
                .array();
    }

    private static byte[] withFlags(byte[] datagram, int flags) {
        byte[] copy = datagram.clone();
        ByteBuffer.wrap(copy).order(ByteOrder.nativeOrder()).putShort(6, (short) flags);
        return copy;
    }
}
