package dev.iptunnel.chaos;

/**
 * A node's agent, as the node sees it.
 *
 * @param pid in the node's process namespace
 * @param residentKib VmRSS
 * @param files open file descriptors
 */
record AgentProcess(int pid, int residentKib, int threads, int files) {
    private static final String PATTERN = "dev.iptunnel.cli.Main";
    private static final double GROWTH = 1.5;
    private static final int MORE_KIB = 48 << 10;
    private static final int MORE_THREADS = 40;
    private static final int MORE_FILES = 40;

    static AgentProcess on(NodeShell shell) {
        String[] words = shell.run(
                        "pid=$(pgrep -o -f " + PATTERN + "); echo $pid; while read -r key value _; do case $key in"
                                + " VmRSS: | Threads:) echo $value ;; esac; done </proc/$pid/status;"
                                + " files=(/proc/$pid/fd/*); echo ${#files[@]}")
                .split("\\s+", -1);
        return new AgentProcess(
                Integer.parseInt(words[0]),
                Integer.parseInt(words[1]),
                Integer.parseInt(words[2]),
                Integer.parseInt(words[3]));
    }

    /** @param name of a signal, as kill(1) knows it */
    static String signal(String name) {
        return "pkill -" + name + " -f " + PATTERN;
    }

    /** Whether it has more than it had after its start, by far. */
    boolean hasGrownSince(AgentProcess warm) {
        return residentKib > warm.residentKib * GROWTH + MORE_KIB
                || threads > warm.threads + MORE_THREADS
                || files > warm.files + MORE_FILES;
    }

    @Override
    public String toString() {
        return "pid " + pid + ", " + residentKib / 1024 + " MiB, " + threads + " threads, " + files + " files";
    }
}
