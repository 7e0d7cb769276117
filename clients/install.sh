#!/bin/sh
# The clients' checks need Node 18 or later and what clients/package-lock.json names. As root on a Debian-like machine this installs what is
# missing; elsewhere it says so, and those checks are skipped (in CI they fail). npm keeps its downloads outside the clone.
set -eu
cd "$(dirname "$0")"

has_node() { command -v npm && node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)'; }

if ! has_node >/dev/null 2>&1 && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Clients: installing nodejs and npm"
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends nodejs npm; } >/dev/null 2>&1 || true
fi
if has_node >/dev/null 2>&1; then
    cmp -s package-lock.json node_modules/.installed && exit 0
    echo "Clients: installing what package-lock.json names (once)"
    npm ci --no-audit --no-fund --loglevel=error && cp package-lock.json node_modules/.installed && exit 0
fi
echo "The clients' checks need Node 18 or later with npm, and the packages of clients/package-lock.json. They could not be installed here." >&2
[ -z "${CI:-}" ]
