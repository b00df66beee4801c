#!/usr/bin/env bash
# The server beside the same work without it, in turns: 'POST /api/emotions' beside batches within a process, 'POST /api/faces' beside the
# Detector's own run over the same pictures.
# Usage: Tests/Benchmarks/serve.sh PICTURES-FOLDER
# Needs wrk. Environment: ROUNDS (3), SECONDS_EACH (10), DETECTOR_ARGS (none, for example '--face-model yunet.onnx').
set -euo pipefail
cd "$(dirname "$0")/../.."
[[ -d ${1:-} ]] || { sed -n '4,5s/^# //p' "$0" >&2; exit 2; }
rounds=${ROUNDS:-3}
seconds=${SECONDS_EACH:-10}
read -ra detector_args <<< "${DETECTOR_ARGS:-}"
pictures=("$1"/*.jpg)
address=http://127.0.0.1:5099
detector=Detector/bin/Debug/net10.0/MlNetEmotion.Detector
results=$(mktemp -d)
trap 'kill "$server" 2>/dev/null; wait; rm -rf "$results"' EXIT

dotnet build Detector --verbosity quiet --nologo
dotnet build Tests/Benchmarks/serve.cs --verbosity quiet --nologo
bench() { dotnet run --no-build Tests/Benchmarks/serve.cs -- "$@"; }
printf 'P5\n48 48\n255\n' > "$results/face.pgm"
head -c 2304 /dev/urandom >> "$results/face.pgm"
cat > "$results/post.lua" <<'LUA'
local bodies, next_body, refused = {}, 0, 0
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
    io.write(string.format("FIGURE %.1f a second, p50 %.1f ms, p99 %.1f ms, %d refused\n", summary.requests / summary.duration * 1e6,
        latency:percentile(50) / 1000, latency:percentile(99) / 1000, summary.errors.status))
end
LUA
load() { # PATH CONNECTIONS FILE...
    wrk -t1 -c"$2" -d"${seconds}s" --timeout 30s -s "$results/post.lua" "$address$1" -- "${@:3}" | sed -n 's/^FIGURE //p'
}

"$detector" serve --no-open --urls "$address" "${detector_args[@]}" &
server=$!
until curl -sf "$address/healthz" > /dev/null; do sleep 0.2; done
load /api/faces 2 "${pictures[@]}" > /dev/null
grep -m1 'model name' /proc/cpuinfo
for ((round = 1; round <= rounds; round++)); do
    echo "round $round, load average $(cut -d' ' -f1 /proc/loadavg)"
    echo "  batches of 32 in a process:  $(bench batch "$seconds") faces a second"
    emotions=$(load /api/emotions 32 "$results/face.pgm")
    echo "  POST /api/emotions:          $emotions"
    echo "  the same, at 70 % of that:   $(bench rate "$address/api/emotions" "$results/face.pgm" "$(awk '{print $1 * 0.7}' <<< "$emotions")" "$seconds")"
    "$detector" "$1" --headless "${detector_args[@]}" --timings "$results/timings.json" --force > /dev/null
    echo "  the Detector on the folder:  $(sed -n 's/.*"framesPerSecond": *\([0-9.]*\).*/\1/p' "$results/timings.json") pictures a second"
    echo "  POST /api/faces:             $(load /api/faces 8 "${pictures[@]}")"
done
