package dev.iptunnel.agent.reconcile;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.Cache;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** An informer's cache that holds one IpTunnel. */
public record OneTunnel(IpTunnel tunnel) implements Cache<IpTunnel> {
    @Override
    public Optional<IpTunnel> get(ResourceID id) {
        return list().filter(known -> ResourceID.fromResource(known).equals(id)).findFirst();
    }

    @Override
    public Stream<ResourceID> keys() {
        return list().map(ResourceID::fromResource);
    }

    @Override
    public Stream<IpTunnel> list(Predicate<IpTunnel> predicate) {
        return Stream.of(tunnel).filter(predicate);
    }
}
