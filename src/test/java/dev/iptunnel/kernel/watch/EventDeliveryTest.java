package dev.iptunnel.kernel.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.kernel.KernelEvent;
import dev.iptunnel.kernel.KernelEvent.LinkChanged;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventDeliveryTest {
    private final List<KernelEvent> handled = new ArrayList<>();
    private boolean failing;
    private final EventDelivery delivery = new EventDelivery(event -> {
        if (failing && event.equals(new LinkChanged("b", false))) {
            throw new IllegalStateException("the listener is not able to");
        }
        handled.add(event);
    });

    @Test
    void an_event_on_which_the_listener_fails_is_delivered_again_and_holds_up_no_other() {
        // given
        failing = true;
        delivery.deliver(
                List.of(new LinkChanged("a", false), new LinkChanged("b", false), new LinkChanged("c", false)));
        failing = false;

        // when
        delivery.deliver(List.of());

        // then
        assertThat(handled)
                .containsExactly(new LinkChanged("a", false), new LinkChanged("c", false), new LinkChanged("b", false));
    }
}
