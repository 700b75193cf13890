package dev.iptunnel.kernel.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.iptunnel.kernel.watch.RouteFollower.Routes;
import dev.iptunnel.observation.NodeLookup.OuterQuery;
import dev.iptunnel.observation.NodeLookup.OuterRoute;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class OuterRoutesTest {
    private static final InetAddress REMOTE = InetAddress.ofLiteral("203.0.113.1");
    private static final OuterQuery QUERY =
            new OuterQuery(InetAddress.ofLiteral("192.0.2.1"), REMOTE, OptionalInt.empty());

    private final Set<InetAddress> followed = new HashSet<>();
    private boolean failing = true;
    private final FollowedRoutes follower = new FollowedRoutes(
            new RouteFollower() {
                @Override
                public void follow(Routes more, Supplier<Routes> all) {
                    if (failing) {
                        throw new IllegalStateException("the socket is being opened again");
                    }
                    followed.addAll(more.addresses());
                }

                @Override
                public void followOnly(Routes all) {}
            },
            () -> Routes.NONE);

    private final OuterRoutes routes = new OuterRoutes(
            _ -> new OuterRoute(OptionalInt.of(2), true, Optional.empty(), Optional.empty()), follower::addresses);

    @Test
    void addresses_that_could_not_be_followed_are_followed_with_the_next_look_up() {
        // given
        assertThatIllegalStateException().isThrownBy(() -> routes.of(QUERY));
        failing = false;

        // when
        routes.of(QUERY);

        // then
        assertThat(followed).contains(REMOTE);
    }
}
