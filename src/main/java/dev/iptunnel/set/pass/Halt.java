package dev.iptunnel.set.pass;

import dev.iptunnel.set.SetProblem;
import dev.iptunnel.set.member.Members;

/** Why nothing of a set may be changed; its tunnels stay as they are. */
public record Halt(SetProblem problem, Members members) {}
