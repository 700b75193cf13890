package dev.iptunnel.controller.cluster;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.util.function.Consumer;

/** An informer's store that drops what the controller does not read, before it keeps an object. */
final class Trimmed<T extends HasMetadata> extends BasicItemStore<T> {
    private final Consumer<T> rest;

    /** @param rest drops more than the managed fields */
    Trimmed(Consumer<T> rest) {
        super(Cache::metaNamespaceKeyFunc);
        this.rest = rest;
    }

    @Override
    public T put(String key, T object) {
        object.getMetadata().setManagedFields(null);
        rest.accept(object);
        return super.put(key, object);
    }
}
