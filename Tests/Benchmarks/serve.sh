#!/usr/bin/env bash
# The server beside the same work without it, in turns: 'POST /api/emotions' beside batches within a process, 'POST /api/faces' beside the
# Detector's own run over the same images. Each with the processor time that one takes, which other programs change less than the rest.
# Usage: Tests/Benchmarks/serve.sh IMAGES-FOLDER
# Needs wrk. Environment: ROUNDS (3), SECONDS_EACH (10), DETECTOR_ARGS (none, for example '--face-model yunet.onnx').
set -euo pipefail
cd "$(dirname "$0")/../.."
[[ -d ${1:-} ]] || { sed -n '5,6s/^# //p' "$0" >&2; exit 2; }
rounds=${ROUNDS:-3}
seconds=${SECONDS_EACH:-10}
read -ra detector_args <<< "${DETECTOR_ARGS:-}"
images=("$1"/*.jpg)
copies=10    # of each image, for the Detector's beginning not to count
address=http://127.0.0.1:5099
detector=Detector/bin/Debug/net10.0/MlNetEmotion.Detector
results=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null; wait; rm -rf "$results"' EXIT

dotnet build Detector --verbosity quiet --nologo
dotnet build Tests/Benchmarks/serve.cs --verbosity quiet --nologo
bench() { dotnet run --no-build Tests/Benchmarks/serve.cs -- "$@"; }
printf 'P5\n48 48\n255\n' > "$results/face.pgm"
head -c 2304 /dev/urandom >> "$results/face.pgm"
mkdir "$results/images"
for ((copy = 0; copy < copies; copy++)); do
    for image in "${images[@]}"; do cp "$image" "$results/images/$copy-${image##*/}"; done
done
cat > "$results/post.lua" <<'LUA'
local bodies, next_body = {}, 0
function init(args)
    for i = 1, #args do
        local file = io.open(args[i], "rb")
        bodies[i] = file:read("*a")
        file:close()
    end
end
function request()
    next_body = next_body % #bodies + 1
    return wrk.format("POST", nil, nil, bodies[next_body])
end
function done(summary, latency)
    io.write(string.format("FIGURE %d %.1f %.1f %.1f %d\n", summary.requests, summary.requests / summary.duration * 1e6,
        latency:percentile(50) / 1000, latency:percentile(99) / 1000, summary.errors.status))
end
LUA
server_ticks() { awk '{ print $14 + $15 }' "/proc/$server/stat"; }    # of 10 ms
load() { # PATH CONNECTIONS FILE...
    local before requests rate p50 p99 refused
    before=$(server_ticks)
    read -r requests rate p50 p99 refused < <(wrk -t1 -c"$2" -d"${seconds}s" --timeout 30s -s "$results/post.lua" "$address$1" -- "${@:3}" | sed -n 's/^FIGURE //p')
    awk "BEGIN { printf \"%s a second, %.1f ms of a core each, p50 %s ms, p99 %s ms, $refused refused\\n\", $rate, ($(server_ticks) - $before) * 10 / $requests, $p50, $p99 }"
}
run_detector() {
    local TIMEFORMAT='%U %S'
    { time "$detector" "$results/images" --headless "${detector_args[@]}" --timings "$results/timings.json" --force > /dev/null; } 2>&1 |
        awk -v n=$((copies * ${#images[@]})) '{ printf "%.1f ms of a core each", ($1 + $2) * 1000 / n }'
}

"$detector" serve --no-open --urls "$address" "${detector_args[@]}" &
server=$!
until curl -sf "$address/healthz" > /dev/null; do sleep 0.2; done
load /api/faces 2 "${images[@]}" > /dev/null
grep -m1 'model name' /proc/cpuinfo
for ((round = 1; round <= rounds; round++)); do
    echo "round $round, load average $(cut -d' ' -f1 /proc/loadavg)"
    echo "  batches of 32 in a process:  $(bench batch "$seconds")"
    emotions=$(load /api/emotions 32 "$results/face.pgm")
    echo "  POST /api/emotions:          $emotions"
    echo "  the same, at 70 % of that:   $(bench rate "$address/api/emotions" "$results/face.pgm" "$(awk '{ print $1 * 0.7 }' <<< "$emotions")" "$seconds")"
    processor=$(run_detector)
    echo "  the Detector on the folder:  $(sed -n 's/.*"framesPerSecond": *\([0-9]*\.[0-9]\).*/\1/p' "$results/timings.json") a second, $processor"
    echo "  POST /api/faces:             $(load /api/faces 8 "${images[@]}")"
done
