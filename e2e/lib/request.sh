# shellcheck shell=bash
# A request: one command for a guest, as a folder that host and guest share. It needs no network.
# Sourced after common.sh.
#
#   command, environment, directory   what to run: words that end with NUL, so that nothing needs quoting
#   stdout, stderr                    what it prints, appended to while it runs
#   exit-code                         written last

# write_request FOLDER DIRECTORY COMMAND...: the command will run in DIRECTORY, with the Java and the PATH of the host.
write_request() {
  local folder=$1 directory=$2 java_home
  shift 2
  java_home=$(jdk25_home) || die "there is no JDK 25: run e2e/install, which says what to do"
  printf '%s\0' "$@" >"$folder/command"
  printf '%s\0' "$directory" >"$folder/directory"
  printf '%s\0' "HOME=$HOME" "JAVA_HOME=$java_home" "LANG=C.UTF-8" "PATH=/run/bin:$java_home/bin:$PATH" \
    >"$folder/environment"
  : >"$folder/stdout"
  : >"$folder/stderr"
}

# follow_request FOLDER GUEST_PID SECONDS ABANDON...: prints the output of the request, until the request or the guest ends,
# or the time is over (SECONDS; 0 = no limit). Returns its exit code; 124 if the time is over; 125 if the guest is gone. If
# this process ends earlier, for any reason, the command ABANDON... is run.
follow_request() {
  local folder=$1 guest=$2 limit=$3 watcher stdout stderr code
  watch_request "$@" &
  watcher=$!
  # tail continues until it has printed everything that was written before the watcher ended. If this process dies, tail ends too.
  setpriv --pdeathsig KILL tail -c +1 -s 0.01 -f --pid="$watcher" "$folder/stdout" &
  stdout=$!
  setpriv --pdeathsig KILL tail -c +1 -s 0.01 -f --pid="$watcher" "$folder/stderr" >&2 &
  stderr=$!
  wait "$stdout" || exit 141 # the reader of our output is gone
  wait "$stderr" || true
  code=0
  wait "$watcher" || code=$?
  ((code == 0)) || return "$code"
  return "$(<"$folder/exit-code")"
}

# watch_request: the part of follow_request that waits. The signals that end this command do not end it.
watch_request() {
  local folder=$1 guest=$2 limit=$3 nap pause=0.01
  shift 3
  trap '' INT TERM HUP
  # A read from a pipe without a writer is a sleep that needs no process. What takes long may end a little later.
  exec {nap}<> <(:)
  SECONDS=0
  until [[ -s $folder/exit-code ]]; do
    if ! kill -0 $$ 2>/dev/null; then
      "$@"
      return
    fi
    kill -0 "$guest" 2>/dev/null || return 125
    ((limit == 0 || SECONDS < limit)) || return 124
    ((SECONDS < 5)) || pause=0.1
    read -rt "$pause" -u "$nap" || true
  done
}
