# shellcheck shell=bash
# Builds artefacts, and reports progress while that takes long. Sourced after common.sh and artefacts.sh.

# The user's own Go settings must not change what is built.
export CGO_ENABLED=0 GOFLAGS='' GOWORK=off

# go_build SOURCE LINK_FLAGS OUTPUT PACKAGE...: builds the packages of e2e/SOURCE into OUTPUT, a file or a folder.
go_build() {
  local source=$1 link_flags=$2 output=$3
  shift 3
  go -C "$E2E/$source" build -v -trimpath -buildvcs=false -ldflags "$link_flags" -o "$output" "$@"
}

# lock_cache JOB: waits until no other command does the same JOB. A kernel can be fetched during a build.
lock_cache() {
  job=$1
  mkdir -p "$CACHE"
  exec {cache_lock}>"$CACHE/$job.lock"
  flock -n "$cache_lock" || { say "waiting for another command that does the same (it holds $CACHE/$job.lock)" && flock "$cache_lock"; }
}

unlock_cache() { exec {cache_lock}>&-; }

# artefact FOLDER WHAT UNIT FUNCTION ARGUMENT...: runs FUNCTION with a scratch folder and the arguments, and renames the
# scratch folder to FOLDER when it is complete. Does nothing if FOLDER exists. For UNIT see step. Go's cache keeps what an
# interrupted build compiled. Call it with the cache locked.
artefact() {
  local folder=$1 what=$2 unit=$3 function=$4
  shift 4
  [[ ! -d $folder ]] || return 0
  local scratch=$CACHE/.building-$job
  rm -rf "$scratch"
  mkdir -p "$scratch"
  step "$what" "$unit" "$function" "$scratch" "$@"
  mv "$scratch" "$folder"
}

# step WHAT UNIT FUNCTION ARGUMENT...: runs FUNCTION with its output in a log, and says how long it took. Every 30 s it says
# how many lines the log has; UNIT names what a line stands for.
step() {
  local what=$1 unit=$2 start=$SECONDS log=$CACHE/$job.log status
  shift 2
  say "  $what ..."
  set +e
  (set -e && "$@" >"$log" 2>&1) | report_progress "$what" "$unit" "$log"
  status=$?
  set -e
  ((status == 0)) || die "$what: failed; $log ends with:"$'\n'"$(tail -n 20 "$log")"
  say "  $what: done in $(elapsed "$start")"
}

# report_progress WHAT UNIT LOG: reports until the running step closes standard input.
report_progress() {
  local start=$SECONDS
  while read -rt 30 || (($? > 128)); do
    say "  $1: $(elapsed "$start"), $(wc -l <"$3") $2"
  done
}
