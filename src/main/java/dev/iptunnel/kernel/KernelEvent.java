package dev.iptunnel.kernel;

/** Something changed in the kernel. It says where to look, not what was found: whoever is concerned observes again. */
public sealed interface KernelEvent {
    /** An interface appeared, changed, or went, or one of its addresses did, or a route of ours out of it. */
    record LinkChanged(String name) implements KernelEvent {}

    /** Events were lost (an overrun, a new subscription): everything may have changed. */
    record EverythingChanged() implements KernelEvent {}
}
