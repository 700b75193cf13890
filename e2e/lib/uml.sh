# shellcheck shell=bash
# Boots User-Mode Linux: a Linux kernel that is a process of the host and uses the files of the host. Sourced after common.sh
# and artefacts.sh.

# The kernel that guests boot, and its modules. (kernels.sh has others.)
UML=/usr/bin/linux.uml
UML_MODULES=/usr/lib/uml/modules

# guest_command FOLDER MEMORY WORD...: sets guest_command to the command that becomes a User-Mode Linux in a new process
# namespace: if it or its parent is killed, nothing of the guest is left. Guest and host share FOLDER. The words go to the
# kernel's command line; e2e/init/main.go describes them. Standard output is the guest's console.
#
# A kernel that panics sends SIGTERM to its process group and SIGABRT to itself, which the first process of a namespace would
# ignore. So it gets a new session, and setsid is the first process.
guest_command() {
  local folder=$1 memory=$2
  shift 2
  [[ -x $UML && -d $INIT_BIN ]] || die "the guest's kernel or init is not there: run e2e/install first"
  check_words "$folder" "$@"
  cp "$INIT_BIN/init" "$folder/"
  # /dev/shm holds the guest's memory. It has to be a tmpfs, so the user's TMPDIR is not used.
  # shellcheck disable=SC2034,SC2054 # for the caller; the commas are the kernel's
  guest_command=(
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin TMPDIR=/dev/shm
    setpriv --pdeathsig KILL unshare --pid --fork --kill-child setsid --fork --wait
    "$UML" "mem=$memory" rootfstype=hostfs ro uml_dir="$folder/" umid=guest con=null con0=null,fd:1
    init="$folder/init" folder="$folder" module_folder="$UML_MODULES" "$@"
  )
}

# check_words WORD...: dies if one contains a space.
check_words() {
  local word
  for word in "$@"; do
    [[ $word != *[[:space:]]* ]] || die "'$word' goes to a kernel's command line, so it must have no space in it"
  done
}

# end_guest PID: kills the guest, which is the child PID of this process, and waits for its end.
end_guest() {
  # shellcheck disable=SC2046 # one number or none
  kill -KILL $(cat "/proc/$1/task/$1/children" 2>/dev/null) 2>/dev/null || kill -KILL "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}
