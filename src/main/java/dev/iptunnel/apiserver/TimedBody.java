package dev.iptunnel.apiserver;

import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** The body of an answer. It fails if it does not end in time. */
final class TimedBody<T> implements BodySubscriber<T> {
    private final BodySubscriber<T> body;
    private final Duration limit;
    private final CompletableFuture<Void> timer = new CompletableFuture<>();
    private final AtomicBoolean ended = new AtomicBoolean();

    TimedBody(BodySubscriber<T> body, Duration limit) {
        this.body = body;
        this.limit = limit;
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        CompletableFuture<Void> unused = timer.orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((_, timeout) -> {
                    if (timeout != null && ended.compareAndSet(false, true)) {
                        subscription.cancel();
                        body.onError(new HttpTimeoutException("the answer did not end within " + limit));
                    }
                });
        body.onSubscribe(subscription);
    }

    @Override
    public void onNext(List<ByteBuffer> item) {
        if (!ended.get()) {
            body.onNext(item);
        }
    }

    @Override
    public void onError(Throwable failure) {
        if (end()) {
            body.onError(failure);
        }
    }

    @Override
    public void onComplete() {
        if (end()) {
            body.onComplete();
        }
    }

    private boolean end() {
        boolean first = ended.compareAndSet(false, true);
        timer.complete(null);
        return first;
    }

    @Override
    public CompletionStage<T> getBody() {
        return body.getBody();
    }
}
