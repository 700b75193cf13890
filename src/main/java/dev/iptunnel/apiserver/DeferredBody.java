package dev.iptunnel.apiserver;

import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.TimeUnit;

/**
 * The body of an answer that says when to try again ({@code Retry-After}, RFC 9110, section 10.2.3). The client sees the answer
 * only then, because Fabric8 tries again after its own pause.
 */
record DeferredBody<T>(BodySubscriber<T> body, Duration pause) implements BodySubscriber<T> {
    /** Shorter than Fabric8 waits for an answer. */
    private static final long MOST_SECONDS = 5;

    /** The body itself, if the answer does not say that. Dates are not understood: API servers write seconds. */
    static <T> BodySubscriber<T> of(ResponseInfo answer, BodySubscriber<T> body) {
        return answer.headers()
                .firstValue("Retry-After")
                .filter(seconds -> seconds.matches("[1-9]\\d{0,8}"))
                .map(seconds -> Duration.ofSeconds(Math.min(Long.parseLong(seconds), MOST_SECONDS)))
                .<BodySubscriber<T>>map(pause -> new DeferredBody<>(body, pause))
                .orElse(body);
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        body.onSubscribe(subscription);
    }

    @Override
    public void onNext(List<ByteBuffer> item) {
        body.onNext(item);
    }

    @Override
    public void onError(Throwable failure) {
        body.onError(failure);
    }

    @Override
    public void onComplete() {
        body.onComplete();
    }

    @Override
    public CompletionStage<T> getBody() {
        return body.getBody()
                .thenApplyAsync(
                        whole -> whole, CompletableFuture.delayedExecutor(pause.toMillis(), TimeUnit.MILLISECONDS));
    }
}
