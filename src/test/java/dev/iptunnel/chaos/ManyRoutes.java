package dev.iptunnel.chaos;

/** Routes of others in a table of their own, by a program that gives the kernel a thousand at once; ip(8) takes a minute. */
final class ManyRoutes {
    /** Its arguments: the interface's index, how many, the type and the flags of the message. */
    private static final String PROGRAM =
            """
            my ($index, $count, $type, $flags) = @ARGV;
            socket(my $kernel, 16, 3, 0) or die $!;
            my $messages = "";
            for my $i (0 .. $count - 1) {
              $messages .= pack("LSSLL CCCCCCCCL SSN SSL SSL", 52, $type, $flags, 0, 0,
                  2, 32, 0, 0, 252, 99, 253, 1, 0,
                  8, 1, 0x64400000 + $i, 8, 4, $index, 8, 15, 777);
              if (length($messages) >= 52000 || $i == $count - 1) {
                syswrite($kernel, $messages) == length($messages) or die $!;
                $messages = "";
              }
            }
            my $refusal = "";
            recv($kernel, $refusal, 4096, 0x40);
            $!{EAGAIN} && $refusal eq "" or die "routes were refused";
            """;

    private static final String ADD = "24 $((0x401))";
    private static final String DELETE = "25 1";

    private ManyRoutes() {}

    static String add(String device, int count) {
        return script(device, count, ADD);
    }

    static String delete(String device, int count) {
        return script(device, count, DELETE);
    }

    private static String script(String device, int count, String message) {
        return "read -r index </sys/class/net/" + device + "/ifindex; perl -e '" + PROGRAM + "' $index " + count + " "
                + message;
    }
}
