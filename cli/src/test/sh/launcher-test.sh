#!/bin/bash
# Tests the launcher `helu` with pretended JDKs and a pretended Maven: no build, no network, seconds.
# Run by .ci/run; needs bash.
set -u

source_root=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/../../../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

check() {
  if [[ "$2" == *"$3"* ]]; then
    printf 'ok    %s\n' "$1"
  else
    printf 'FAIL  %s: expected "%s" in:\n%s\n' "$1" "$3" "$2"
    failures=$((failures + 1))
  fi
}

# A JDK of version $2 in folder $1, whose java prints who it is and what it was given.
make_jdk() {
  mkdir -p "$1/bin"
  printf 'JAVA_VERSION="%s"\n' "$2" >"$1/release"
  printf '#!/bin/sh\necho "java of %s got:" "$@"\n' "$1" >"$1/bin/java"
  printf '#!/bin/sh\n' >"$1/bin/javac"
  chmod +x "$1/bin/java" "$1/bin/javac"
}

# A source tree with the launcher, and a Maven that only makes the jar, slowly enough to collide.
make_tree() {
  mkdir -p "$1/runtime/src/main/java" "$1/cli" "$work/mvn"
  # As it is, but for the JDKs that this machine may have, which must not decide these cases.
  sed -e "s|/usr/lib/jvm/|$work/jvm/|" -e "s|/opt/java/|$work/opt/|" \
    -e 's|/Library/Java|/nonexistent|' -e 's|/usr/libexec|/nonexistent|' \
    "$source_root/helu" >"$1/helu"
  chmod +x "$1/helu"
  touch "$1/pom.xml" "$1/cli/pom.xml" "$1/runtime/src/main/java/A.java"
  cat >"$work/mvn/mvn" <<'EOF'
#!/bin/sh
echo "built with $JAVA_HOME" >>builds
[ -f fail-the-build ] && { echo "[ERROR] A.java is wrong"; exit 1; }
sleep 1
mkdir -p cli/target/helu/lib && touch cli/target/helu/lib/helu-cli.jar
case "$*" in
  *benchmarks/onnxruntime*) echo "with a competitor" >>builds ;;
esac
case "$*" in
  *devices/tornado*) mkdir -p devices/tornado/target && touch devices/tornado/target/helu-device-tornado-1.jar ;;
esac
EOF
  chmod +x "$work/mvn/mvn"
}

# Runs the launcher with nothing of this machine but basic tools and the given PATH in front.
run() {
  local path=$1
  shift
  env -i HOME="$work/home" PATH="$path:$work/tools" "$@" 2>&1
}

mkdir -p "$work/home" "$work/tools"
for tool in sh bash readlink dirname basename sed head find mkdir rm mv ln touch cat sleep env printf ls grep sort tr; do
  ln -s "$(command -v "$tool")" "$work/tools/$tool" 2>/dev/null
done
tree=$work/tree
make_tree "$tree"
make_jdk "$work/jdk17" 17.0.15
make_jdk "$work/jdk25" 25.0.1
make_jdk "$work/jdk26" 26-ea

out=$(run "$work/jdk17/bin:$work/mvn" "$tree/helu" devices)
status=$?
check "no new JDK: says what to install" "$out" "install Temurin 25"
check "no new JDK: exit code" "$status" "69"

out=$(run "$work/jdk17/bin" JAVA_HOME="$work/jdk25" "$tree/helu" devices)
check "no Maven: says what to install" "$out" "building needs Maven"
[ ! -e "$tree/cli/target/helu.lock" ]
check "no Maven: the lock is released" "$?" "0"

out=$(run "$work/jdk17/bin:$work/mvn" JAVA_HOME="$work/jdk25" "$tree/helu" run "a b" --json)
check "first use builds" "$out" "building helu (first use) ..."
check "JAVA_HOME is taken, arguments arrive" "$out" "java of $work/jdk25 got:"
check "arguments keep their blanks" "$out" "run a b --json"
check "the build has that JDK" "$(cat "$tree/builds")" "built with $work/jdk25"

out=$(run "$work/jdk25/bin:$work/mvn" JAVA_HOME="$work/jdk17" "$tree/helu" devices)
check "an old JAVA_HOME gives way to PATH" "$out" "java of $work/jdk25 got:"
check "no second build" "$(wc -l <"$tree/builds")" "1"

mkdir -p "$work/home/.sdkman/candidates/java" "$work/jvm"
ln -s "$work/jdk26" "$work/home/.sdkman/candidates/java/26.ea-open"
out=$(run "$work/jdk17/bin:$work/mvn" "$tree/helu" devices)
check "SDKMAN's JDK is found, and a newer one is good too" "$out" "java of $work/jdk26 got:"
ln -s "$work/jdk17" "$work/jvm/java-17"
ln -s "$work/jdk25" "$work/jvm/temurin-25"
out=$(run "$work/jdk17/bin:$work/mvn" "$tree/helu" devices)
check "Debian's JDK is found before it" "$out" "java of $work/jdk25 got:"
rm -r "$work/jvm" "$work/home/.sdkman"

ln -s "$tree/helu" "$work/link"
ln -s link "$work/link-to-link"
out=$(cd / && run "$work/mvn" JAVA_HOME="$work/jdk25" "$work/link-to-link" devices)
check "works through symbolic links from another folder" "$out" "-Dhelu.home=$tree"

out=$(run "$work/mvn" JAVA_HOME="$work/jdk25" HELU_JAVA_OPTS="-Xmx1g -Dx=y" "$tree/helu" devices)
check "HELU_JAVA_OPTS are passed" "$out" "-Xmx1g -Dx=y -jar"

sleep 1
touch "$tree/runtime/src/main/java/A.java"
out=$(run "$work/mvn" JAVA_HOME="$work/jdk25" "$tree/helu" devices)
check "a changed source is built" "$out" "building helu (sources changed) ..."

sleep 1
rm "$tree/runtime/src/main/java/A.java"
out=$(run "$work/mvn" JAVA_HOME="$work/jdk25" "$tree/helu" devices)
check "a deleted source is noticed" "$out" "building helu (sources changed) ..."

touch "$tree/fail-the-build" "$tree/pom.xml"
out=$(run "$work/mvn" JAVA_HOME="$work/jdk25" "$tree/helu" devices)
status=$?
check "a failed build shows why" "$out" "A.java is wrong"
check "a failed build: exit code" "$status" "69"
rm "$tree/fail-the-build"

rm -rf "$tree/cli/target" "$tree/builds"
run "$work/mvn" JAVA_HOME="$work/jdk25" "$tree/helu" one >"$work/one" &
run "$work/mvn" JAVA_HOME="$work/jdk25" "$tree/helu" two >"$work/two" &
wait
check "two first uses at once build once" "$(wc -l <"$tree/builds")" "1"
check "two first uses at once: one runs" "$(cat "$work/one")" "helu-cli.jar one"
check "two first uses at once: the other runs" "$(cat "$work/two")" "helu-cli.jar two"

rm -rf "$tree/cli/target"
mkdir -p "$tree/cli/target"
ln -s 999999999 "$tree/cli/target/helu.lock"
out=$(run "$work/mvn" JAVA_HOME="$work/jdk25" "$tree/helu" devices)
check "a lock whose holder is gone is broken" "$out" "got:"

rm -rf "$tree/cli/target" "$tree/builds"
bench() { run "$work/mvn" JAVA_HOME="$work/jdk25" "$tree/helu" "$@"; }
out=$(bench bench m.onnx)
check "bench alone: no competitor" "$out" "-jar $tree/cli/target/helu/lib/helu-cli.jar bench m.onnx"
check "bench alone: none is built" "$(cat "$tree/builds")" "built with $work/jdk25"
out=$(bench bench m.onnx --against onnxruntime)
check "a competitor is built when it is asked for" "$(tail -n 1 "$tree/builds")" "with a competitor"
check "a competitor is on the class path" "$out" \
  "-cp $tree/cli/target/helu/lib/helu-cli.jar:$tree/benchmarks/onnxruntime/target/lib/*"
builds=$(wc -l <"$tree/builds")
out=$(bench --json bench --against=onnxruntime)
check "a competitor is built once" "$(wc -l <"$tree/builds")" "$builds"
check "a competitor: --against=NAME too" "$out" "onnxruntime/target/lib/*"
sleep 1
touch "$tree/pom.xml"
out=$(bench devices)
check "what others build is not the competitor's build" "$(tail -n 1 "$tree/builds")" "built with"
sleep 1
out=$(bench bench m.onnx --against onnxruntime)
check "a competitor older than the rest is built again" "$(tail -n 1 "$tree/builds")" "with a competitor"

services=src/main/resources/META-INF/services
mkdir -p "$tree/runtime/$services" "$tree/devices/vector/$services" "$tree/devices/tornado/$services"
printf 'a.Reference$Provider\n# a comment\n\nb.Other' >"$tree/runtime/$services/org.helu.runtime.device.DeviceProvider"
printf 'c.Vector\n' >"$tree/devices/vector/$services/org.helu.runtime.device.DeviceProvider"
printf 'd.Tornado\n' >"$tree/devices/tornado/$services/org.helu.runtime.device.DeviceProvider"
out=$(bench run m.helu)
check "devices are named, so that no jar is searched" "$out" "-Dhelu.device.providers=a.Reference\$Provider,b.Other,c.Vector -D"
rm -r "$tree/runtime/src/main/resources" "$tree/devices"

# A JDK as above whose java also lists classes and dumps archives; $2 is what it does to dump one.
make_archiving_jdk() {
  make_jdk "$1" 25.0.3
  cat >"$1/bin/java" <<EOF
#!/bin/sh
for option in "\$@"; do
  case \$option in
    -XX:DumpLoadedClassList=*) echo "java/lang/Object id: 0" >"\${option#*=}" ;;
    -XX:SharedClassListFile=*) list=\${option#*=} ;;
    -XX:SharedArchiveFile=*) archive=\${option#*=} ;;
    -Xshare:dump) dump=yes ;;
  esac
done
if [ -n "\${dump:-}" ]; then
  echo dumped >>"$work/dumps"
  $2
  exit
fi
echo "java of $1 got:" "\$@"
EOF
}

rm -rf "$tree/cli/target" "$work/dumps"
make_archiving_jdk "$work/jdk25" 'cat "$list" >"$archive"'
make_archiving_jdk "$work/jdk25-too" 'cat "$list" >"$archive"'
archive=$tree/cli/target/helu/classes.jsa
out=$(bench devices)
check "first use makes the class archive" "$out" "preparing a faster start"
check "the archive is of the classes listed, without their numbers" "$(sort -u "$archive")x" "java/lang/Objectx"
check "the archive is used" "$out" "-XX:SharedArchiveFile=$archive"
out=$(bench bench m.onnx --against onnxruntime)
check "the archive is used beside a competitor" "$out" "-XX:SharedArchiveFile=$archive"
out=$(bench devices)
check "the archive is made once a build" "$(wc -l <"$work/dumps")" "2"
out=$(run "$work/mvn" JAVA_HOME="$work/jdk25-too" "$tree/helu" devices)
check "another JDK makes its own archive" "$(wc -l <"$work/dumps")" "3"
sleep 1
touch "$tree/pom.xml"
out=$(bench devices)
check "another build makes a new archive" "$(wc -l <"$work/dumps")" "4"
check "nothing is left beside the archive" "$(ls "$tree/cli/target/helu" | tr '\n' ' ')" \
  "classes.jsa classes.jsa.key lib stamp stamp.competitor"

rm -rf "$tree/cli/target" "$work/dumps"
make_archiving_jdk "$work/jdk25" 'echo part >"$archive"; exit 1'
out=$(bench run m.helu)
check "an archive that fails: the command runs" "$out" "-jar $tree/cli/target/helu/lib/helu-cli.jar run m.helu"
check "an archive that fails: none is used" "${out/*got:/}" "-XX:+UseSerialGC -Dhelu.home"
bench run m.helu >/dev/null
check "an archive that fails is not tried again" "$(wc -l <"$work/dumps")" "1"
[ ! -e "$archive" ]
check "an archive that fails leaves no part" "$?" "0"

# A TornadoVM SDK of version $2 in folder $1.
make_sdk() {
  mkdir -p "$1/share/java/tornado" "$1/etc"
  printf 'version=%s\n' "$2" >"$1/etc/tornado.release"
}

# A JDK as above whose java also writes the flags file; $2 is what it does when started with it.
make_tornado_jdk() {
  make_jdk "$1" 25.0.2
  cat >"$1/bin/java" <<EOF
#!/bin/sh
case "\$*" in
  *TornadoArgfile*)
    until [ "\${1##*.}" = TornadoArgfile ]; do shift; done
    echo "flags of \$2" >"\$3"
    exit
    ;;
  @*-version) $2 ;;
esac
echo "java of $1 got:" "\$@"
EOF
}

mkdir -p "$tree/devices/tornado"
printf '<tornado.version>5.2.0-jdk25</tornado.version>\n' >"$tree/pom.xml"
rm -rf "$tree/cli/target" "$tree/builds"
make_sdk "$work/sdk" 5.2.0-jdk25
make_tornado_jdk "$work/jdk25" "exit 0"
argfile=$tree/cli/target/helu/tornado-argfile
with_sdk() { run "$work/mvn" JAVA_HOME="$work/jdk25" TORNADOVM_HOME="$work/sdk" "$@"; }

out=$(with_sdk "$tree/helu" devices)
check "TornadoVM: all devices are asked for, so it is started" "$out" "@$argfile"
check "TornadoVM: its module was built" "$out" "helu-device-tornado-1.jar"
check "TornadoVM: the flags are the SDK's" "$(cat "$argfile")" "flags of $work/sdk"
out=$(with_sdk "$tree/helu" run m.helu --device opencl:0)
check "TornadoVM: a device of its own starts it" "$out" "@$argfile"
out=$(with_sdk "$tree/helu" run m.helu --device=cuda)
check "TornadoVM: --device=NAME too" "$out" "@$argfile"
out=$(with_sdk "$tree/helu" run m.helu --device auto)
check "TornadoVM: auto looks for a GPU" "$out" "@$argfile"
out=$(with_sdk "$tree/helu" fpga build m.onnx --board arria10)
check "TornadoVM: bitstreams are built by its module" "$out" "@$argfile"
out=$(with_sdk "$tree/helu" run m.helu --device fpga:1)
check "TornadoVM: an FPGA starts it" "$out" "@$argfile"
for plain in "run m.helu --device vector" "run m.helu" "samples --device vector" "compile devices"; do
  # shellcheck disable=SC2086
  out=$(with_sdk "$tree/helu" $plain)
  check "TornadoVM: the plain JVM serves: $plain" "$out" "-jar $tree/cli/target/helu/lib/helu-cli.jar $plain"
done
out=$(with_sdk "$tree/helu" bench m.onnx --device vector,opencl --against onnxruntime)
check "TornadoVM: one device of several starts it" "$out" "@$argfile"
check "TornadoVM: with a competitor" "$out" "helu-device-tornado-1.jar:$tree/benchmarks/onnxruntime"
out=$(with_sdk HELU_TORNADO=off "$tree/helu" devices)
check "TornadoVM: switched off" "$out" "-jar"

make_sdk "$work/sdk" 6.0.0-jdk25
out=$(with_sdk "$tree/helu" devices)
check "TornadoVM of another line: goes on without" "$out" "-jar"
check "TornadoVM of another line: the command can say why" "$out" \
  "-Dhelu.tornado.problem=TornadoVM 6.0.0-jdk25 in $work/sdk does not fit"

make_sdk "$work/sdk" 5.2.0-jdk25
rm -rf "$tree/cli/target"
make_tornado_jdk "$work/jdk25" 'echo "Error: Module tornado.x not found"; exit 1'
out=$(with_sdk "$tree/helu" devices)
check "TornadoVM that keeps the JVM from starting: said once" "$out" \
  "going on without TornadoVM: a JVM does not start with TornadoVM: Error: Module tornado.x not found"
check "TornadoVM that keeps the JVM from starting: the command runs" "$out" "-jar"

[ "$failures" = 0 ] && printf 'launcher: all checks passed\n'
exit $((failures > 0))
