#!/bin/sh
# Builds the interpreter in a folder: first one that counts what it does while it runs the training
# programs, then the one for use, whose compiler has read the counts and sees all files at once. The
# counts stay until `make clean`; what has changed since then is compiled without them.
#
# usage: [PROFILE=no] tools/build.sh BUILD PREFIX
set -eu
cd "$(dirname "$0")/.."
build=$1
prefix=$2

set_up() {
    meson setup "$build" "$@" >"$build.log" || { cat "$build.log"; exit 1; }
}

if [ ! -e "$build/build.ninja" ]; then
    set_up --prefix="$prefix"
fi
if "${CC:-cc}" --version | grep -q clang; then
    PROFILE=no # its counts have another format
fi
if [ "${PROFILE:-yes}" = yes ] && [ ! -e "$build/trained" ]; then
    set_up --reconfigure -Db_pgo=generate -Db_lto=false
    ninja -C "$build" --quiet orochi
    tools/train.py "$build"
    set_up --reconfigure -Db_pgo=use -Db_lto=true
    touch "$build/trained"
fi
ninja -C "$build" --quiet
