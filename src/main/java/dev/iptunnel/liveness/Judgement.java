package dev.iptunnel.liveness;

import java.util.Map;

/**
 * The verdicts of one look.
 *
 * @param verdicts by the name of the node
 * @param manyDead more than 55 percent of at least five agents do not respond, which rather is a fault between them and the
 *     API server than that many deaths
 * @param anew what was seen before this look was forgotten: nobody is found dead in the next 60 seconds
 */
public record Judgement(Map<String, AgentVerdict> verdicts, boolean manyDead, boolean anew) {
    public Judgement {
        verdicts = Map.copyOf(verdicts);
    }
}
