# shellcheck shell=bash
# Finds a JDK. Sourced; needs nothing.

# jdk25_home: prints the home of a JDK 25 or newer: JAVA_HOME, or one in /usr/lib/jvm, or the one of `java` in PATH. Fails
# if there is none.
jdk25_home() {
  local candidate java
  java=$(command -v java) && java=$(readlink -f "$java")
  for candidate in "${JAVA_HOME:-}" /usr/lib/jvm/* "${java%/bin/java}"; do
    if is_jdk25 "$candidate"; then
      printf '%s\n' "$candidate"
      return
    fi
  done
  return 1
}

# is_jdk25 FOLDER: whether FOLDER holds a JDK (not only a runtime) of version 25 or newer.
is_jdk25() {
  local major
  [[ -x $1/bin/javac && -r $1/release ]] || return 1
  major=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
  ((major >= 25))
}
