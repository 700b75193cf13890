# shellcheck shell=bash
# Packages of Debian: those of this machine's release, which are installed, and those of another, which are fetched from the
# archive that the machine's own apt uses and unpacked, never installed. Sourced after common.sh.

DEBIAN_KEYS=/usr/share/keyrings/debian-archive-keyring.gpg

# missing_packages PACKAGE...: those that are not installed, a line each.
missing_packages() {
  local package
  for package in "$@"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || say "$package"
  done
}

install_packages() {
  apt-get update || say "going on with the package lists that are there"
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

# make_apt FOLDER RELEASE: an apt of its own, with the package lists of RELEASE only, in FOLDER.
make_apt() {
  local folder=$1 release=$2 archive
  [[ -r $DEBIAN_KEYS ]] || { say "there is no $DEBIAN_KEYS: install the package debian-archive-keyring" && return 1; }
  archive=$(debian_archive)
  if [[ -z $archive ]]; then
    apt-get update # it may never have been called
    archive=$(debian_archive)
  fi
  [[ -n $archive ]] || { say "apt has no archive of Debian in its sources: add one" && return 1; }
  mkdir -p "$folder"/{state/lists/partial,cache/archives/partial,preferences}
  : >"$folder/state/status"
  echo "deb [arch=amd64 target=Packages signed-by=$DEBIAN_KEYS] $archive $release main" >"$folder/sources"
  apt_of "$folder" apt-get update --error-on=any
}

# debian_archive: the address of the archive that this machine's apt has Debian from, or nothing.
debian_archive() {
  # shellcheck disable=SC2016 # apt-get expands it
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' | head -n 1
}

# apt_of FOLDER COMMAND...: a command of apt, with the state that make_apt made in FOLDER. The machine's own configuration
# holds but for its sources and preferences.
apt_of() {
  local folder=$1 command=$2
  shift 2
  "$command" -o Dir::Etc::sourcelist="$folder/sources" -o Dir::Etc::sourceparts="$folder/preferences" \
    -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts="$folder/preferences" \
    -o Dir::State="$folder/state" -o Dir::State::status="$folder/state/status" -o Dir::Cache="$folder/cache" \
    -o APT::Sandbox::User=root "$@"
}

# candidate_version FOLDER PACKAGE: the version that the release has, or nothing.
candidate_version() { apt_of "$1" apt-cache show --no-all-versions "$2" 2>/dev/null | sed -n 's/^Version: //p'; }

# unpack_packages FOLDER TARGET PACKAGE...: fetches the packages into FOLDER and unpacks them in TARGET.
unpack_packages() {
  local folder=$1 target=$2 package
  shift 2
  (cd "$folder" && apt_of "$folder" apt-get download "$@")
  for package in "$folder"/*.deb; do dpkg -x "$package" "$target"; done
}

# dependencies FOLDER PACKAGE PATTERN: the packages that PACKAGE depends on and whose names PATTERN matches, a line each.
dependencies() {
  apt_of "$1" apt-cache show --no-all-versions "$2" | sed -n 's/^Depends: //p' | tr ',' '\n' | awk '{ print $1 }' |
    { grep -E "$3" || true; }
}
