#!/bin/sh
# Builds the interpreter in a folder: first one that counts what it does while it runs the training
# programs, then the one for use, whose compiler has read the counts. The counts stay until `make clean`;
# functions that have changed since then are compiled without them.
#
# usage: [PROFILE=no] tools/build.sh BUILD PREFIX
set -eu
cd "$(dirname "$0")/.."
build=$1
prefix=$2

set_up() {
    meson setup "$build" "$@" >"$build.log" 2>&1 || { cat "$build.log"; exit 1; }
}

# Meson 1.0 takes no notice of options that come with --reconfigure.
set_profile() {
    meson configure "$build" -Db_pgo="$1"
    set_up --reconfigure
}

[ -e "$build/build.ninja" ] || set_up --prefix="$prefix"
if "${CC:-cc}" --version | grep -q clang; then
    PROFILE=no # its counts have another format
fi
if [ "${PROFILE:-yes}" = yes ] && [ ! -e "$build/trained" ]; then
    set_profile generate
    ninja -C "$build" --quiet orochi
    tools/train.py "$build"
    set_profile use
    touch "$build/trained"
elif [ ! -e "$build/trained" ] && grep -q -e -fprofile-generate "$build/build.ninja"; then
    set_profile off # training was interrupted, and now there shall be none
fi
if [ -e "$build/trained" ]; then
    export CCACHE_DISABLE=1 # ccache 4.7 takes no notice of new counts
fi
ninja -C "$build" --quiet
