#!/usr/bin/env bash
# Installs what MlNetEmotion builds with and runs on: Debian/Ubuntu packages. Idempotent; 'dotnet build' does the rest.
set -euo pipefail

packages=(
    cmake g++                               # build: native shims
    libtorch-dev libopenblas0-pthread       # Trainer: libtorch, and a matrix product that uses all cores
    libopencv-dev opencv-data               # Detector: OpenCV and its Haar and LBP face cascades
    xvfb xdotool                            # tests: the Detector's window, without a display
)

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

command -v dotnet >/dev/null ||
    fail "the .NET SDK is missing: install .NET 10 (https://dotnet.microsoft.com/download), then run ./eng/setup.sh again"
dotnet --list-sdks | grep -q '^1[0-9]\.' ||
    fail "the .NET 10 SDK is missing (found: $(dotnet --version 2>/dev/null || echo none)): install it, then run ./eng/setup.sh again"

if ! command -v apt-get >/dev/null; then
    fail "this system has no apt-get. Install these by your own package manager, then build as usual:
       CMake >= 3.18, a C++17 compiler, libtorch >= 1.13 (CMake package 'Torch'), OpenCV >= 4.5 (CMake package 'OpenCV')"
fi

missing=()
for package in "${packages[@]}"; do
    # A tool that was installed another way is as good as the package.
    case $package in cmake | g++) command -v "$package" >/dev/null && continue ;; esac
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done

if [ ${#missing[@]} -eq 0 ]; then
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
    fail "apt-get could not install: ${missing[*]}. Debian 12 or newer has them all; see apt's message above"
say "done"
