#!/usr/bin/env bash
# Generated faces in one shard and in eight, two of which are killed and go on: the merged tables must be the same, byte for byte. Then, in turns,
# one process that uses two cores beside two shards of one core each.
# Usage: Tests/Benchmarks/cluster.sh [IMAGES-FOLDER]
# Environment: COUNT (20000) faces, ROUNDS (3), DETECTOR_ARGS (none), for the images of the folder, which the turns use instead of the faces.
set -euo pipefail
cd "$(dirname "$0")/../.."
detector=Detector/bin/Debug/net10.0/MlNetEmotion.Detector
dotnet build Detector --verbosity quiet --nologo
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
now() { date +%s.%N; }
shard() { "$detector" --input "$1" --events "$2" --shard "$3" --jobs "$4" "${args[@]}" | tail -2; }
args=(--cropped)

dotnet build Trainer --verbosity quiet --nologo
Trainer/bin/Debug/net10.0/MlNetEmotion.Trainer generate --output "$work/faces" --count "${COUNT:-20000}"
shard "$work/faces" "$work/one" 0/1 2
for i in 3 5; do
    "$detector" --input "$work/faces" --events "$work/eight" --shard "$i/8" --jobs 2 "${args[@]}" > /dev/null & sleep 4
    kill -KILL $!; wait $! || true
    echo "shard $i/8 killed with $(find "$work/eight" -name '*.parquet' | wc -l) parts done by it and those before"
done
for i in 0 1 2 3 4 5 6 7; do shard "$work/faces" "$work/eight" "$i/8" 2 > /dev/null; done
for name in one eight; do "$detector" merge "$work/$name" --manifest "$work/faces" --output "$work/$name.parquet"; done
cmp "$work/one.parquet" "$work/eight.parquet" && echo "the same, byte for byte: $(sha256sum < "$work/one.parquet" | cut -c1-16)"

images=${1:-$work/faces}
if [[ -n ${1:-} ]]; then read -ra args <<< "${DETECTOR_ARGS:-}"; fi
for round in $(seq "${ROUNDS:-3}"); do
    rm -rf "$work"/{p,q}
    start=$(now)
    shard "$images" "$work/p" 0/1 2
    middle=$(now)
    shard "$images" "$work/q" 0/2 1 & first=$!
    shard "$images" "$work/q" 1/2 1
    wait $first
    end=$(now)
    awk -v a="$start" -v b="$middle" -v c="$end" 'BEGIN { printf "one process %.1f s, two shards %.1f s: %.3f\n", b - a, c - b, (c - b) / (b - a) }'
done
