# shellcheck shell=bash
# shellcheck disable=SC2034 # the variables are for those who source this
# Other kernels for guests than that of the installed package user-mode-linux. The first use of a kernel fetches it from a
# release of Debian; it stays in the cache. Sourced after common.sh, artefacts.sh, build.sh, debian.sh and uml.sh.

# The release that has a kernel. Every other version is looked up in unstable, which has only the newest one. The User-Mode
# Linux of 5.10 does not boot here, but the ordinary kernel does.
declare -A KERNEL_RELEASES=([5.10]=bullseye [6.1]=bookworm [6.12]=trixie)
NEWEST_KERNEL_RELEASE=sid
MACHINE_PACKAGES=(cpio qemu-system-x86)

check_kernel_version() { [[ $1 =~ ^[0-9]+\.[0-9]+$ ]] || misuse "--kernel wants a version such as 6.12, not '$1'"; }

# use_kernel VERSION: makes guests boot this kernel (major.minor), if VERSION is not empty.
use_kernel() {
  local version=$1 folder
  [[ -n $version && $version != "$(installed_kernel)" ]] || return 0
  get_kernel kernel "$version" "Linux $version for guests" fetch_kernel >&2
  UML=$folder/usr/bin/linux.uml
  UML_MODULES=$folder/usr/lib/uml/modules
}

# use_machine_kernel VERSION: makes emulated machines boot this kernel, or one of the version of the installed kernel.
use_machine_kernel() {
  local version=${1:-$(installed_kernel)} folder packages
  mapfile -t packages < <(missing_packages "${MACHINE_PACKAGES[@]}")
  if ((${#packages[@]} > 0)); then
    lock_cache kernels
    step "Debian packages ${packages[*]}" "lines of apt-get" install_packages "${packages[@]}"
    unlock_cache
  fi >&2
  get_kernel machine-kernel "$version" "Linux $version for emulated machines" fetch_machine_kernel >&2
  machine_kernel=$folder
}

# installed_kernel: prints major.minor of the installed package.
installed_kernel() { dpkg-query -W -f '${Version}' user-mode-linux 2>/dev/null | grep -oE '^[0-9]+\.[0-9]+' || true; }

# get_kernel NAME VERSION WHAT FUNCTION: builds the artefact NAME with FUNCTION if it is missing; sets $folder to it.
get_kernel() {
  local name=$1 version=$2 what=$3 function=$4 release
  [[ -d $INIT_BIN && -n $version && $(command -v patchelf) ]] || die "the test bed is not set up: run e2e/install first"
  release=${KERNEL_RELEASES[$version]:-$NEWEST_KERNEL_RELEASE}
  folder=$CACHE/$name-$version-$(digest "$release $(declare -f "$function")" "$E2E/lib/debian.sh")
  [[ ! -d $folder ]] || return 0
  lock_cache kernels
  artefact "$folder" "$what, of Debian $release" "lines of apt-get" "$function" "$version" "$release" "$folder"
  unlock_cache
}

# check_candidate APT RELEASE VERSION PACKAGE: if the package is not of that version, says what to write instead, and fails.
check_candidate() {
  local candidate
  candidate=$(candidate_version "$1" "$4")
  [[ $candidate != "$3"[!0-9]* ]] || return 0
  say "Debian $2 has no Linux $3 now, its $4 is $candidate: write --kernel $(grep -oE '^[0-9]+\.[0-9]+' <<<"$candidate")"
  return 1
}

# fetch_kernel SCRATCH VERSION RELEASE FOLDER: fetches a User-Mode Linux and its modules to SCRATCH, which becomes FOLDER. It
# gets the C library of its release, because that of this machine may be too old.
fetch_kernel() {
  local scratch=$1 version=$2 release=$3 folder=$4 apt=$1/apt libraries
  make_apt "$apt" "$release"
  check_candidate "$apt" "$release" "$version" user-mode-linux
  unpack_packages "$apt" "$scratch" user-mode-linux libc6
  libraries=$(find "$scratch" -path '*/x86_64-linux-gnu/ld-linux-x86-64.so.2' -printf '%h')
  libraries=$folder${libraries#"$scratch"}
  patchelf --set-interpreter "$libraries/ld-linux-x86-64.so.2" --set-rpath "$libraries" "$scratch/usr/bin/linux.uml"
  rm -rf "$apt" "${scratch:?}/usr/share"
}

# fetch_machine_kernel SCRATCH VERSION RELEASE FOLDER: fetches Debian's ordinary kernel to SCRATCH: vmlinuz, its modules, and
# start.cpio with the modules that it needs to reach the files of the host; their names give the order.
fetch_machine_kernel() {
  local scratch=$1 version=$2 release=$3 apt=$1/apt image parts kernel module number=10
  make_apt "$apt" "$release"
  check_candidate "$apt" "$release" "$version" linux-image-amd64
  image=$(dependencies "$apt" linux-image-amd64 '^linux-image-')
  mapfile -t parts < <(dependencies "$apt" "$image" '^linux-(binary|modules)-') # newer releases divide it into several packages
  unpack_packages "$apt" "$apt/unpacked" "$image" "${parts[@]}"
  kernel=${image#linux-image-}
  mkdir -p "$scratch/modules" "$apt/start/modules"
  mv "$(find "$apt/unpacked" -path "*/boot/vmlinuz-$kernel" -o -path "*/modules/$kernel/vmlinuz")" "$scratch/vmlinuz"
  mv "$(find "$apt/unpacked" -type d -path "*/lib/modules/$kernel")" "$scratch/modules/"
  mkdir -p "$apt/root/lib"
  ln -s "$scratch/modules" "$apt/root/lib/modules"
  depmod -b "$apt/root" "$kernel"
  while read -r module; do
    number=$((number + 1))
    unpacked "$module" >"$apt/start/modules/$number.ko"
  done < <(modprobe -d "$apt/root" -S "$kernel" -a --show-depends virtio_pci 9pnet_virtio 9p |
    awk '$1 == "insmod" && !seen[$2]++ { print $2 }')
  (cd "$apt/start" && find modules | cpio --quiet -o -H newc) >"$scratch/start.cpio"
  rm -rf "$apt"
}

# unpacked FILE: prints the content of a module's file, which newer releases compress.
unpacked() {
  case $1 in
    *.xz) xz -dc "$1" ;;
    *) cat "$1" ;;
  esac
}
