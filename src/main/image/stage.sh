#!/bin/sh
# usage: stage.sh TARGET MODULES
#
# Makes what the image holds besides the jars, and the cache that lets it start fast:
#   TARGET/image/runtime   a Java runtime, the C library that it needs, JNA's library
#   TARGET/image/app       the jars, as they will lie in the image (TARGET/image/app/libs is there already)
#   TARGET/image/aot       the JVM's AOT cache of these jars
# and what stands beside it:
#   TARGET/iptunnel-image.cdx.json   its bill of materials (TARGET/image/jars.cdx.json is there already)
# TOOLCHAIN_JAVA_HOME is the build's JDK.
set -eu
target=$1 modules=$2
here=$(dirname "$0")
image=$target/image runtime=$target/image/runtime
jdk=$TOOLCHAIN_JAVA_HOME

rm -rf "$runtime" "$image/app/classpath" "$image/aot"
mkdir -p "$runtime/app/native" "$image/app/classpath" "$image/aot/app"
cp "$target/iptunnel.jar" "$image/app/classpath/"

# Not compressed: the image's layers are, and the JVM reads it faster.
"$jdk/bin/jlink" --add-modules "$modules" --output "$runtime/jre" \
  --strip-debug --no-header-files --no-man-pages --compress zip-0

# JNA's library, which JNA could not unpack on a read-only file system.
jni=libjnidispatch.so
"$jdk/bin/jar" --extract --file "$image"/app/libs/jna-*.jar --dir "$image/jna" \
  "com/sun/jna/linux-$(uname -m | tr _ -)/$jni"
find "$image/jna" -name "$jni" -exec mv {} "$runtime/app/native" \;
rm -r "$image/jna"

# The dynamic loader and the libraries of this machine that these ask for, at the paths at which they ask for them.
find "$runtime" -type f \( -name '*.so' -o -path '*/bin/*' \) -exec ldd {} + |
  sed -nE 's/^\t(.* => )?(\/[^ ]+) \(0x[0-9a-f]+\)$/\2/p' | grep -vF "$runtime/" | sort -u |
  while read -r library; do
    mkdir -p "$runtime$(dirname "$library")"
    cp -L "$library" "$runtime$library"
  done

tests="$target/test-classes:$target/classes:$(cat "$target/test-class-path")"
"$jdk/bin/java" -XX:TieredStopAtLevel=1 -cp "$tests" dev.iptunnel.image.BillOfMaterials \
  "$image/jars.cdx.json" "$runtime" "$(getconf GNU_LIBC_VERSION)" "$target/iptunnel-image.cdx.json"

# The JVM takes its cache only for files of the same size and time: Jib sets this one.
find "$image/app" "$runtime" -exec touch -h -d @1 {} +

# With a heap of its own size, as the build machine's memory would decide how objects are addressed in the cache.
# The agent of the training run must not touch this machine's network, whoever builds.
unprivileged=
if [ "$(id -u)" = 0 ]; then
  unprivileged='setpriv --bounding-set=-net_admin --inh-caps=-net_admin --ambient-caps=-net_admin'
fi
cache=$image/aot/app/iptunnel.aot
$unprivileged "$jdk/bin/java" -XX:TieredStopAtLevel=1 \
  -cp "$tests" dev.iptunnel.image.AotTraining "$target/aot-training" "$cache" \
  "$runtime/jre/bin/java" "@$here/root/app/jvm.options" -Xmx128m "-Djna.boot.library.path=$runtime/app/native" \
  -cp "$image/app/classpath/iptunnel.jar" dev.iptunnel.cli.Main
