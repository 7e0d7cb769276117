#!/bin/sh
# The browser tests need a Chromium and a Chinese font. As root on a Debian-like machine this installs what is missing, the Chromium without windows
# where there is a package of it: it halves what these tests cost. Elsewhere it says what is missing, and those tests are skipped (in CI they fail).
set -eu

has_light() { command -v chromium-headless-shell; }
has_browser() { has_light || command -v chromium || command -v chromium-browser || command -v google-chrome; }
has_font() { command -v fc-list && fc-list :lang=zh family | grep .; }

can_install() { [ "$(id -u)" = 0 ] && command -v apt-get; }
fetch() {
    DEBIAN_FRONTEND=noninteractive
    export DEBIAN_FRONTEND
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@"; } >/dev/null 2>&1
}

if ! has_light >/dev/null 2>&1 && can_install >/dev/null; then
    echo "Browser tests: installing chromium-headless-shell"
    fetch chromium-headless-shell || echo "Browser tests: there is none here; any other Chromium does, more slowly"
fi
missing=
has_browser >/dev/null 2>&1 || missing="chromium"
has_font >/dev/null 2>&1 || missing="$missing fonts-noto-cjk fontconfig"
[ -n "$missing" ] || exit 0

if can_install >/dev/null; then
    echo "Browser tests: installing $missing"
    fetch $missing && exit 0
fi
echo "Browser tests need: $missing. They could not be installed here." >&2
[ -z "${CI:-}" ]
