package dev.iptunnel.scrape;

import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatus;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.function.Function;

/** Asks the API server whose token it is (TokenReview), and whether that user may read metrics (SubjectAccessReview). */
final class Reviews implements Function<String, Reviews.Verdict> {
    private final KubernetesClient client;

    Reviews(KubernetesClient client) {
        this.client = client;
    }

    /** What the API server says of a token. */
    enum Verdict {
        ALLOWED,
        /** The user has no right to GET /metrics. */
        FORBIDDEN,
        /** The token is of no user. */
        UNAUTHENTICATED
    }

    /** @throws KubernetesClientException if the API server does not answer, or refuses to answer the agent */
    @Override
    public Verdict apply(String token) {
        TokenReviewStatus status = client.tokenReviews()
                .create(new TokenReviewBuilder()
                        .withNewSpec()
                        .withToken(token)
                        .endSpec()
                        .build())
                .getStatus();
        if (!Boolean.TRUE.equals(status.getAuthenticated())) {
            return Verdict.UNAUTHENTICATED;
        }
        SubjectAccessReview review =
                client.authorization().v1().subjectAccessReview().create(accessOf(status.getUser()));
        return Boolean.TRUE.equals(review.getStatus().getAllowed()) ? Verdict.ALLOWED : Verdict.FORBIDDEN;
    }

    private static SubjectAccessReview accessOf(UserInfo user) {
        return new SubjectAccessReviewBuilder()
                .withNewSpec()
                .withUser(user.getUsername())
                .withUid(user.getUid())
                .withGroups(user.getGroups())
                .withExtra(user.getExtra())
                .withNewNonResourceAttributes()
                .withPath("/metrics")
                .withVerb("get")
                .endNonResourceAttributes()
                .endSpec()
                .build();
    }
}
