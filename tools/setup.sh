#!/bin/sh
# Installs the Debian packages of packages.txt, or of the lists given, that are missing; with sudo
# when not root.
set -eu
cd "$(dirname "$0")/.."
missing=
for package in $(grep -hv '^#' "${@:-packages.txt}"); do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
sudo=
[ "$(id -u)" -eq 0 ] || sudo=sudo
echo "installing:$missing"
$sudo apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing
