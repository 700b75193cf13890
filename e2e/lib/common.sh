# shellcheck shell=bash
# shellcheck disable=SC2034 # the variables are for those who source this
# The common part of all commands of the test bed. Sourced; needs `set -euo pipefail`.

# The folder e2e/ of this checkout.
E2E=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# The name that messages begin with: the command as the user called it.
COMMAND_NAME=e2e/${0##*/}

say() { printf '%s\n' "$*"; }

warn() { printf '%s: %s\n' "$COMMAND_NAME" "$*" >&2; }

# die MESSAGE: ends the command with exit code 1.
die() {
  warn "$*"
  exit 1
}

# misuse MESSAGE: ends the command with exit code 2; the message says what to write instead.
misuse() {
  warn "$* (see '$COMMAND_NAME --help')"
  exit 2
}

# end_on_signals: ends this command at a signal, whatever the program does that it waits for. (bash continues after Ctrl-C
# if that program ends normally, as kubectl does.)
end_on_signals() {
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

# usage: prints the comment at the head of the running script, which is its manual.
usage() { sed -n '2,/^[^#]/{s/^# \{0,1\}//p}' "$0"; }

# elapsed SINCE: the time since the second SINCE of $SECONDS, as "1 min 5 s" or "5 s".
elapsed() {
  local total=$((SECONDS - $1))
  if ((total >= 60)); then
    printf '%d min %d s' $((total / 60)) $((total % 60))
  else
    printf '%d s' "$total"
  fi
}
