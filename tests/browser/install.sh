#!/bin/sh
# The browser tests need a Chromium and a Chinese font. As root on a Debian-like machine this installs what is missing; elsewhere it says so,
# and those tests are skipped (in CI they fail).
set -eu

has_browser() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
has_font() { command -v fc-list && fc-list :lang=zh family | grep .; }

missing=
has_browser >/dev/null 2>&1 || missing="chromium"
has_font >/dev/null 2>&1 || missing="$missing fonts-noto-cjk fontconfig"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Browser tests: installing $missing"
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; } >/dev/null 2>&1 && exit 0
fi
echo "Browser tests need: $missing. They could not be installed here." >&2
[ -z "${CI:-}" ]
