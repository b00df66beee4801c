#!/usr/bin/env bash
# Installs what the Detector's window, its page and the tests need on Debian or Ubuntu; all else comes by NuGet. Idempotent.
set -euo pipefail

packages=(
    libgtk-3-0              # Detector: the window, and OpenCV's own library needs it even without one
    opencv-data             # tests: the Haar and LBP face cascades
    xvfb xdotool            # tests: the window, without a display
    ffmpeg                  # Detector: network streams, faster decoding, H.264 video with sound
    npm                     # Detector: what its page needs to score in the browser, when it is built; tests: a linter
    chromium                # tests: the page
    praat                   # tests: reads the TextGrids of segments
    slurm-wlm               # tests: an archive as an array of jobs (brings munge along)
)

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

dotnet --list-sdks 2>/dev/null | grep -q '^1[0-9]\.' ||
    fail "the .NET 10 SDK is missing: install it (https://dotnet.microsoft.com/download), then run ./eng/setup.sh again"

if ! command -v apt-get >/dev/null; then
    say "no apt-get here: on Linux install GTK 3, and for the tests OpenCV's cascades, Xvfb, xdotool, ffmpeg, npm, Chromium, Praat and Slurm, by your own package manager"
    exit 0
fi

missing=()
for package in "${packages[@]}"; do
    # Whatever it comes from: another source's Node.js brings its own npm, beside which Debian's can't be installed.
    # Ubuntu 24.04 calls it libgtk-3-0t64, which provides libgtk-3-0; dpkg-query fails where it does not know one of both names.
    command -v "$package" >/dev/null || { dpkg-query -W -f '${Status}\n' "$package" "${package}t64" 2>/dev/null || true; } | grep 'ok installed' >/dev/null || missing+=("$package")
done

# Not by the build, which needs no linter; without it, the test of the API's description is skipped.
install_linter() {
    linter=$(dirname "$0")/../Tests/Linter
    cmp -s "$linter/package-lock.json" "$linter/node_modules/.installed" && return
    say "installing the linter of the API's description"
    npm ci --prefix "$linter" --ignore-scripts --no-audit --no-fund --loglevel=error --fetch-retries=1 &&
        cp "$linter/package-lock.json" "$linter/node_modules/.installed" ||
        say "npm could not install it; its test will be skipped"
}

if [ ${#missing[@]} -eq 0 ]; then
    install_linter
    say "everything is installed already"
    exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "needs root to install: ${missing[*]}. Run as root, or install sudo"
    as_root=(sudo)
fi

say "installing ${missing[*]}"
"${as_root[@]}" apt-get update
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}" ||
    fail "apt-get could not install: ${missing[*]}; see its message above"
install_linter
say "done"
