#!/bin/bash
# Installs what the build and the tests need from Debian's packages.
#
#   deps.sh [--say] [bench|build|demo|stack|test]...     (default: build test)
#
# --say only tells what is missing, one package a line.
# Says what it installs, asks sudo when not root, starts no daemon, and does
# nothing (no network) when everything is there.
set -euo pipefail

build=(gcc make pkg-config libc6-dev libwebsockets-dev libwebsockets-evlib-uv
    librdkafka-dev libhiredis-dev libjansson-dev libcurl4-openssl-dev
    libncurses-dev libuv1-dev libinih-dev zlib1g-dev libzstd-dev libssl-dev)
demo=(redis-server redis-tools prometheus python3 curl ca-certificates)
bench=(htop btop)
stack=(maven default-jdk-headless)
test=("${demo[@]}" "${stack[@]}" libcmocka-dev python3-venv python3-pytest
    python3-websockets python3-zstandard python3-pyte kcat jq openssl tmux procps iproute2
    clang clang-format clang-tidy shellcheck mandoc gcovr git mmdebstrap zsh fish)

say=no
if [ "${1:-}" = --say ]; then
    say=yes
    shift
fi
[ $# -gt 0 ] || set -- build test
wanted=()
for group in "$@"; do
    case $group in
    build) wanted+=("${build[@]}") ;;
    bench) wanted+=("${bench[@]}") ;;
    demo) wanted+=("${demo[@]}") ;;
    stack) wanted+=("${stack[@]}") ;;
    test) wanted+=("${test[@]}") ;;
    *)
        echo "deps.sh: no group \"$group\"; groups are bench, build, demo, stack, test" >&2
        exit 2
        ;;
    esac
done

missing=()
for package in "${wanted[@]}"; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
    exit 0
fi
if [ $say = yes ]; then
    printf '%s\n' "${missing[@]}"
    exit 0
fi

root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "deps.sh: not root and no sudo; as root: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    root=(sudo)
fi
echo "installing from Debian: ${missing[*]}"

# Debian starts a daemon with its package unless this file says no.
policy=/usr/sbin/policy-rc.d
made_policy=no
if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee $policy >/dev/null
    "${root[@]}" chmod 755 $policy
    made_policy=yes
fi
undo() {
    if [ $made_policy = yes ]; then
        "${root[@]}" rm -f $policy
    fi
}
trap undo EXIT

log=$(mktemp)
install() {
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
        --no-install-recommends "${missing[@]}" >"$log" 2>&1
}
if ! install; then
    "${root[@]}" apt-get update -q >>"$log" 2>&1 || true
    if ! install; then
        tail -n 20 "$log" >&2
        echo "deps.sh: apt-get could not install these; its whole output is in $log" >&2
        exit 1
    fi
fi
rm -f "$log"
