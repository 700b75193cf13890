package dev.iptunnel.libc;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Assembles classic BPF of {@code linux/filter.h}: instructions on a datagram, with an accumulator A, an index register
 * X and memory cells. Words of the datagram are loaded as big endian. The result says how much of the datagram is kept.
 */
final class BpfProgram {
    private static final int BPF_LD_IMM = 0x00;
    private static final int BPF_LDX_IMM = 0x01;
    private static final int BPF_ST = 0x02;
    private static final int BPF_JA = 0x05;
    private static final int BPF_RET_K = 0x06;
    private static final int BPF_TAX = 0x07;
    private static final int BPF_JEQ_K = 0x15;
    private static final int BPF_SUB_X = 0x1c;
    private static final int BPF_LD_W_ABS = 0x20;
    private static final int BPF_JGT_K = 0x25;
    private static final int BPF_LD_B_ABS = 0x30;
    private static final int BPF_LD_W_IND = 0x40;
    private static final int BPF_JSET_K = 0x45;
    private static final int BPF_LD_MEM = 0x60;
    private static final int BPF_LDX_MEM = 0x61;
    private static final int BPF_RSH_K = 0x74;
    private static final int BPF_RSH_X = 0x7c;
    private static final int BPF_XOR_K = 0xa4;

    private static final int WHOLE = -1;
    private static final int NOTHING = 0;
    /** SKF_AD_OFF + SKF_AD_NLATTR. */
    private static final int NETLINK_ATTRIBUTE = -0x1000 + 12;

    /** {@code struct sock_filter}: code 0, jt 2, jf 3, k 4. */
    private static final int SOCK_FILTER = 8;

    private final List<Instruction> instructions = new ArrayList<>();

    /** A jump skips {@code ifTrue} or {@code ifFalse} instructions. */
    private record Instruction(int code, int ifTrue, int ifFalse, int k) {}

    BpfProgram pass() {
        return add(BPF_RET_K, WHOLE);
    }

    BpfProgram drop() {
        return add(BPF_RET_K, NOTHING);
    }

    BpfProgram passIfEqual(int k) {
        return add(BPF_JEQ_K, 0, 1, k).pass();
    }

    BpfProgram passIfAnyBitOf(int k) {
        return add(BPF_JSET_K, 0, 1, k).pass();
    }

    BpfProgram passIfAtMost(int k) {
        return add(BPF_JGT_K, 1, 0, k).pass();
    }

    /** Goes through these instructions only where A is k. */
    BpfProgram ifEqual(int k, BpfProgram then) {
        return add(BPF_JEQ_K, 1, 0, k).add(BPF_JA, then.length()).append(then);
    }

    /** Goes through these instructions only where A is not k. */
    BpfProgram unlessEqual(int k, BpfProgram then) {
        return add(BPF_JEQ_K, 0, 1, k).add(BPF_JA, then.length()).append(then);
    }

    BpfProgram append(BpfProgram other) {
        instructions.addAll(other.instructions);
        return this;
    }

    /** A = the byte at the offset. */
    BpfProgram loadByte(int offset) {
        return add(BPF_LD_B_ABS, offset);
    }

    /** A = where the netlink attribute is, searched for from an offset on; 0 for nowhere. X is lost. */
    BpfProgram findAttribute(int type, int from) {
        return add(BPF_LD_IMM, from).add(BPF_LDX_IMM, type).add(BPF_LD_W_ABS, NETLINK_ATTRIBUTE);
    }

    /** A = the word at A + the offset. X is lost. */
    BpfProgram loadWordBehindA(int offset) {
        return add(BPF_TAX, 0).add(BPF_LD_W_IND, offset);
    }

    /** A = the smaller of A and k. */
    BpfProgram limitTo(int k) {
        return add(BPF_JGT_K, 0, 1, k).add(BPF_LD_IMM, k);
    }

    /** A = k - A. X is lost. */
    BpfProgram subtractFrom(int k) {
        return add(BPF_TAX, 0).add(BPF_LD_IMM, k).add(BPF_SUB_X, 0);
    }

    BpfProgram store(int cell) {
        return add(BPF_ST, cell);
    }

    BpfProgram load(int cell) {
        return add(BPF_LD_MEM, cell);
    }

    BpfProgram loadX(int cell) {
        return add(BPF_LDX_MEM, cell);
    }

    BpfProgram xor(int k) {
        return add(BPF_XOR_K, k);
    }

    /** A = A &gt;&gt;&gt; bits. */
    BpfProgram shiftRight(int bits) {
        return add(BPF_RSH_K, bits);
    }

    /** A = A &gt;&gt;&gt; X. */
    BpfProgram shiftRightByX() {
        return add(BPF_RSH_X, 0);
    }

    private BpfProgram add(int code, int k) {
        return add(code, 0, 0, k);
    }

    private BpfProgram add(int code, int ifTrue, int ifFalse, int k) {
        instructions.add(new Instruction(code, ifTrue, ifFalse, k));
        return this;
    }

    /** In instructions. */
    int length() {
        return instructions.size();
    }

    /** An array of {@code struct sock_filter}. */
    ByteBuffer encode() {
        ByteBuffer buffer = Libc.buffer(instructions.size() * SOCK_FILTER);
        for (Instruction instruction : instructions) {
            buffer.putShort((short) instruction.code)
                    .put((byte) instruction.ifTrue)
                    .put((byte) instruction.ifFalse)
                    .putInt(instruction.k);
        }
        return buffer;
    }
}
