package dev.iptunnel.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicyBinding;
import io.fabric8.kubernetes.api.model.authentication.BoundObjectReference;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The objects of a kustomization on the real API server, no other's policies, and tokens as its agents have them. */
public final class DeployedManifests implements AutoCloseable {
    private static final String OURS = "app.kubernetes.io/part-of";
    /** What kustomize makes of each folder. */
    private static final Map<String, String> RENDERED = new ConcurrentHashMap<>();
    /** The kustomization that this process deployed last. */
    private static String last = "";

    private final KubernetesClient admin;
    private final List<HasMetadata> objects;
    private final List<Pod> pods = new ArrayList<>();

    private DeployedManifests(KubernetesClient admin, List<HasMetadata> objects) {
        this.admin = admin;
        this.objects = objects;
    }

    /** Deploys it, if it is not deployed. */
    public static DeployedManifests of(String kustomization) throws IOException {
        if (!last.equals(kustomization)) {
            deploy(kustomization);
            last = kustomization;
        }
        return existing(kustomization);
    }

    /** A test removed what this process deployed. */
    public static void forget() {
        last = "";
    }

    private static void deploy(String kustomization) throws IOException {
        try (var admin = ApiServer.connect()) {
            admin.resources(ValidatingAdmissionPolicy.class).withLabel(OURS).delete();
            admin.resources(ValidatingAdmissionPolicyBinding.class)
                    .withLabel(OURS)
                    .delete();
        }
        Program.kubectl("apply", "--server-side", "--force-conflicts", "-k", kustomization)
                .requireOutput();
        try (var deployed = existing(kustomization)) {
            deployed.awaitPolicies();
        }
    }

    private static DeployedManifests existing(String kustomization) throws IOException {
        var admin = ApiServer.connect();
        var rendered = RENDERED.computeIfAbsent(
                kustomization, folder -> Program.kubectl("kustomize", folder).requireOutput());
        return new DeployedManifests(
                admin,
                admin.load(new ByteArrayInputStream(rendered.getBytes(UTF_8))).items());
    }

    /** The administrator. */
    public KubernetesClient admin() {
        return admin;
    }

    public List<HasMetadata> objects() {
        return objects;
    }

    /** The only object of its kind. */
    public <T extends HasMetadata> T only(Class<T> kind) {
        var found = objects.stream().filter(kind::isInstance).map(kind::cast).toList();
        if (found.size() != 1) {
            throw new AssertionError(found.size() + " objects are " + kind.getSimpleName());
        }
        return found.getFirst();
    }

    public ServiceAccount account() {
        return only(ServiceAccount.class);
    }

    /** An IpTunnel of that node, created by the administrator. */
    void createTunnel(String name, String node) {
        admin.resource(IpTunnels.ipip(name, node)).create();
    }

    /** A client with the token that the kubelet of that node gives the agent. */
    public KubernetesClient agentOn(String node) {
        return boundTo(node, account());
    }

    /** A client with a token of the agent that names no node. */
    public KubernetesClient agentOnNoNode() {
        return client(
                account(), new TokenRequestBuilder().withNewSpec().endSpec().build());
    }

    /** A client of another account, in a pod on that node. */
    public KubernetesClient boundTo(String node, ServiceAccount account) {
        var pod = admin.resource(podOn(node, account)).create();
        pods.add(pod);
        var reference = new BoundObjectReference(
                "v1", "Pod", pod.getMetadata().getName(), pod.getMetadata().getUid());
        return client(
                account,
                new TokenRequestBuilder()
                        .withNewSpec()
                        .withBoundObjectRef(reference)
                        .endSpec()
                        .build());
    }

    private KubernetesClient client(ServiceAccount account, TokenRequest request) {
        var answer = admin.serviceAccounts()
                .inNamespace(account.getMetadata().getNamespace())
                .withName(account.getMetadata().getName())
                .tokenRequest(request);
        return ApiServer.connect(admin.getConfiguration(), answer.getStatus().getToken());
    }

    private Pod podOn(String node, ServiceAccount account) {
        admin.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(node)
                        .endMetadata()
                        .build())
                .createOr(existing -> existing.patch());
        return new PodBuilder()
                .withNewMetadata()
                .withGenerateName("agent-on-" + node + "-")
                .withNamespace(account.getMetadata().getNamespace())
                .endMetadata()
                .withNewSpec()
                .withNodeName(node)
                .withServiceAccountName(account.getMetadata().getName())
                .addNewContainer()
                .withName("agent")
                .withImage("iptunnel")
                .endContainer()
                .endSpec()
                .build();
    }

    private void awaitPolicies() {
        var probe = IpTunnels.ipip("probe", "nowhere");
        admin.resource(probe).createOr(existing -> existing.patch());
        try (var agent = agentOnNoNode()) {
            awaitPolicy(() -> agent.resources(IpTunnel.class)
                    .withName("probe")
                    .subresource("status")
                    .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\":{\"ifindex\":7}}"));
            awaitPolicy(() -> agent.resource(AgentEvents.ofAgentOn("nowhere", "default"))
                    .dryRun()
                    .create());
            awaitPolicy(() -> agent.resource(AgentLeases.of("nowhere", account()))
                    .dryRun()
                    .create());
        } finally {
            admin.resource(probe).delete();
        }
    }

    /** The API server applies a new policy within about a second. */
    private static void awaitPolicy(Runnable forbidden) {
        var deadline = Instant.now().plusSeconds(20);
        while (!isRefusedByPolicy(forbidden)) {
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError("no policy holds the agent");
            }
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }
    }

    private static boolean isRefusedByPolicy(Runnable request) {
        try {
            request.run();
            return false;
        } catch (KubernetesClientException refused) {
            return String.valueOf(refused.getMessage()).contains("ValidatingAdmissionPolicy");
        }
    }

    @Override
    public void close() {
        pods.forEach(pod -> admin.resource(pod).withGracePeriod(0).delete());
        admin.close();
    }
}
