# shellcheck shell=bash
# shellcheck disable=SC2034 # the variables are for those who source this
# Kernels for guests beside the one that the package user-mode-linux of this machine holds: they come from other releases
# of Debian when they are first asked for, and stay in the cache. Sourced after common.sh, artefacts.sh, build.sh, debian.sh
# and uml.sh.

# The release that has a kernel; every other version is looked for in unstable, which has only the newest.
declare -A KERNEL_RELEASES=([6.1]=bookworm [6.12]=trixie)
NEWEST_KERNEL_RELEASE=sid

# use_kernel VERSION: guests will boot this kernel (major.minor); fetches it where it is not there.
use_kernel() {
  local version=$1 release folder
  check_kernel_version "$version"
  [[ $version != "$(installed_kernel)" ]] || return 0
  release=${KERNEL_RELEASES[$version]:-$NEWEST_KERNEL_RELEASE}
  folder=$CACHE/kernel-$version-$(digest "$release" "$E2E"/lib/{kernels,debian}.sh)
  if [[ ! -d $folder ]]; then
    [[ $(command -v patchelf) ]] || die "patchelf is not there: run e2e/install first"
    lock_cache
    artefact "$folder" "Linux $version of Debian $release" "lines of apt-get" fetch_kernel "$version" "$release" "$folder"
    unlock_cache
  fi >&2
  UML=$folder/usr/bin/linux.uml
  UML_MODULES=$folder/usr/lib/uml/modules
}

check_kernel_version() { [[ $1 =~ ^[0-9]+\.[0-9]+$ ]] || misuse "--kernel wants a version such as 6.12, not '$1'"; }

# installed_kernel: major.minor of the package that is installed.
installed_kernel() { dpkg-query -W -f '${Version}' user-mode-linux 2>/dev/null | grep -oE '^[0-9]+\.[0-9]+' || true; }

# fetch_kernel SCRATCH VERSION RELEASE FOLDER: the kernel and its modules, in SCRATCH, which becomes FOLDER. It gets the C
# library of its release, since this machine's may be too old.
fetch_kernel() {
  local scratch=$1 version=$2 release=$3 folder=$4 apt=$1/apt candidate libraries
  make_apt "$apt" "$release"
  candidate=$(candidate_version "$apt" user-mode-linux)
  if [[ $candidate != "$version"[!0-9.]* ]]; then
    say "Debian $release has no Linux $version for guests (its user-mode-linux is '$candidate'): write --kernel ${candidate%%[!0-9.]*}"
    return 1
  fi
  unpack_packages "$apt" "$scratch" user-mode-linux libc6
  libraries=$(find "$scratch" -path '*/x86_64-linux-gnu/ld-linux-x86-64.so.2' -printf '%h')
  libraries=$folder${libraries#"$scratch"}
  patchelf --set-interpreter "$libraries/ld-linux-x86-64.so.2" --set-rpath "$libraries" "$scratch/usr/bin/linux.uml"
  rm -rf "$apt" "${scratch:?}/usr/share"
}
