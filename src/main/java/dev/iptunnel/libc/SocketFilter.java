package dev.iptunnel.libc;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * A program that drops datagrams in the kernel, before they cost a wake-up: classic BPF of {@code linux/filter.h}, for
 * SO_ATTACH_FILTER, see socket(7).
 */
public final class SocketFilter {
    private static final int BPF_LD_B_ABS = 0x30;
    private static final int BPF_JMP_JEQ_K = 0x15;
    private static final int BPF_RET_K = 0x06;
    private static final int WHOLE = -1;
    private static final int NOTHING = 0;

    /** {@code struct nlmsghdr} of 16 bytes, then {@code rtm_protocol} of {@code struct rtmsg}. */
    private static final int RTM_PROTOCOL = 16 + 5;

    /** {@code struct sock_filter}: code 0, jt 2, jf 3, k 4. */
    private static final int SOCK_FILTER = 8;

    private final List<Instruction> program;

    private SocketFilter(List<Instruction> program) {
        this.program = program;
    }

    private record Instruction(int code, int ifTrue, int ifFalse, int k) {}

    /** Route messages of one {@code RTPROT_*} alone: a routing daemon's pass by. */
    public static SocketFilter routesOf(int protocol) {
        return new SocketFilter(List.of(
                new Instruction(BPF_LD_B_ABS, 0, 0, RTM_PROTOCOL),
                new Instruction(BPF_JMP_JEQ_K, 0, 1, protocol),
                new Instruction(BPF_RET_K, 0, 0, WHOLE),
                new Instruction(BPF_RET_K, 0, 0, NOTHING)));
    }

    int length() {
        return program.size();
    }

    ByteBuffer encode() {
        ByteBuffer buffer = Libc.buffer(program.size() * SOCK_FILTER);
        for (Instruction instruction : program) {
            buffer.putShort((short) instruction.code)
                    .put((byte) instruction.ifTrue)
                    .put((byte) instruction.ifFalse)
                    .putInt(instruction.k);
        }
        return buffer;
    }
}
