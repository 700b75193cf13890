package dev.iptunnel.api.v1alpha1.set;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Lists as a manifest may contain them: absent, or with an entry that is null. */
final class Lists {
    private Lists() {}

    static <T> List<T> withoutNulls(@Nullable List<T> list) {
        return list == null ? List.of() : list.stream().filter(Objects::nonNull).toList();
    }
}
