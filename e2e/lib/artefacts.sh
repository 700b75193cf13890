# shellcheck shell=bash
# shellcheck disable=SC2034 # the variables are for those who source this
# Where the programs that e2e/install builds are, and what they are built from. Sourced after common.sh.
#
# An artefact is a folder in the user's cache. Its name holds the pinned version and a digest of everything that it is
# built from, so another version or a changed source is another folder, and a folder that exists is complete.

CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/iptunnel

# pinned_version MODULE FOLDER: the version of MODULE in e2e/FOLDER/go.mod, without its "v".
pinned_version() {
  [[ $(<"$E2E/$2/go.mod") =~ [[:space:]]"$1 v"([0-9.]+) ]] && printf '%s' "${BASH_REMATCH[1]}"
}

# artefact_folder NAME VERSION [FLAG...]: the folder of the artefact that is built from e2e/NAME with these linker flags.
artefact_folder() (
  shopt -s globstar
  LC_ALL=C # the order of names must not depend on the user
  sources=()
  for file in "$E2E/$1"/**; do
    [[ ! -f $file ]] || sources+=("$file")
  done
  printf '%s/%s-%s-%s' "$CACHE" "$1" "$2" "$(digest "$(printf '%s\n' "${@:3}")" "${sources[@]}")"
)

# digest TEXT FILE...: of a text and the content of files.
digest() { { printf '%s\n' "$1" && cat "${@:2}"; } | sha256sum | cut -c 1-12; }

KUBERNETES_VERSION=$(pinned_version k8s.io/kubernetes kubernetes)
HELM_VERSION=$(pinned_version helm.sh/helm/v4 kubernetes)
KUBERNETES_LINK_FLAGS="-s -w -X k8s.io/component-base/version.gitVersion=v$KUBERNETES_VERSION \
-X helm.sh/helm/v4/internal/version.version=v$HELM_VERSION"
KUBERNETES_BIN=$(artefact_folder kubernetes "$KUBERNETES_VERSION" "$KUBERNETES_LINK_FLAGS")
# Helm, kstatus and Lua, built from the same module when tests ask for them.
TOOLS_BIN=$CACHE/tools-$HELM_VERSION-${KUBERNETES_BIN##*-}
# Prometheus of this machine's release of Debian.
PROMETHEUS_BIN=$CACHE/prometheus-$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
KUBERNETES_PROGRAMS=(etcd kube-apiserver kube-controller-manager kube-scheduler kubectl kubelet)

# The oldest Kubernetes that the operator runs on: etcd and the API server alone, built when they are first asked for.
OLDEST_KUBERNETES_VERSION=$(pinned_version k8s.io/kubernetes kubernetes-oldest)
OLDEST_KUBERNETES_LINK_FLAGS="-s -w -X k8s.io/component-base/version.gitVersion=v$OLDEST_KUBERNETES_VERSION"
OLDEST_KUBERNETES_BIN=$(artefact_folder kubernetes-oldest "$OLDEST_KUBERNETES_VERSION" "$OLDEST_KUBERNETES_LINK_FLAGS")

CONTAINERD_VERSION=$(pinned_version github.com/containerd/containerd/v2 runtime)
RUNTIME_LINK_FLAGS="-s -w -X github.com/containerd/containerd/v2/version.Version=$CONTAINERD_VERSION"
RUNTIME_BIN=$(artefact_folder runtime "$CONTAINERD_VERSION" "$RUNTIME_LINK_FLAGS")

# The image that keeps a pod's namespaces: every node needs it, and there is no registry to pull it from.
PAUSE_VERSION=1
PAUSE_LINK_FLAGS="-s -w"
PAUSE_IMAGE=iptunnel.dev/pause:$PAUSE_VERSION
PAUSE_BIN=$(artefact_folder pause "$PAUSE_VERSION" "$PAUSE_LINK_FLAGS")

# Process 1 of every guest.
INIT_LINK_FLAGS="-s -w"
INIT_BIN=$(artefact_folder init 1 "$INIT_LINK_FLAGS")
