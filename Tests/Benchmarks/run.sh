#!/usr/bin/env bash
# Trainer and Detector beside plain Python scripts, in turns, so that a change of the machine's load meets both alike.
# Usage: Tests/Benchmarks/run.sh [train|infer|detector VIDEO|soak VIDEO]...     for example: Tests/Benchmarks/run.sh train detector clip.mp4
# 'infer' times a face on one thread: a plain network of 0.22 GFLOP, then the models of onnx/.
# Needs python3-torch and python3-opencv. Environment: PYTHON (/usr/bin/python3), ROUNDS (5), MODEL (onnx/emotion.onnx),
# LOOP (5, how often 'detector' plays the video), FRAMES (100000, how many 'soak' plays), DETECTOR_ARGS (none).
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${PYTHON:-/usr/bin/python3}
rounds=${ROUNDS:-5}
loop=${LOOP:-5}
read -ra detector_args <<< "${DETECTOR_ARGS:-}"
model=${MODEL:-onnx/emotion.onnx}
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

usage() {
    sed -n '3,6s/^# //p' "$0" >&2
    exit 2
}

# Prints medians over the rounds, and how many times faster the first is than each other one.
summarize() { # field unit name...
    "$python" - "$results" "$@" <<'PY'
import json, pathlib, statistics, sys
folder, field, unit, *names = sys.argv[1:]
first = None
for name in names:
    figures = [json.loads(file.read_text())[field] for file in sorted(pathlib.Path(folder).glob(f"{name}.*.json"))]
    median = statistics.median(figures)
    first = first or median
    print(f"{name:<28}{median:10.1f} {unit}  (from {min(figures):.1f} to {max(figures):.1f})  ratio {first / median:.2f}")
PY
}

bench_train() {
    local trainer=Trainer/bin/Debug/net10.0/MlNetEmotion.Trainer
    dotnet build Trainer --verbosity quiet --nologo
    for ((round = 1; round <= rounds; round++)); do
        "$trainer" benchmark --network emonet --batch-size 128 --json "$results/trainer.$round.json"
        for mode in plain tuned; do
            "$python" Tests/Benchmarks/train.py --mode "$mode" --batch-size 128 --json "$results/pytorch-$mode.$round.json"
        done
    done
    summarize trainImagesPerSecond 'images/s' trainer pytorch-plain pytorch-tuned
}

bench_infer() {
    dotnet build Trainer --verbosity quiet --nologo
    "$python" Tests/Benchmarks/reference.py "$results/reference.onnx"
    local models=(--model "$results/reference.onnx")
    for file in onnx/*.onnx; do models+=(--model "$file"); done
    Trainer/bin/Debug/net10.0/MlNetEmotion.Trainer benchmark "${models[@]}" --batches 50
}

bench_detector() { # VIDEO
    local detector=Detector/bin/Debug/net10.0/MlNetEmotion.Detector
    dotnet build Trainer --verbosity quiet --nologo
    dotnet build Detector --verbosity quiet --nologo
    Trainer/bin/Debug/net10.0/MlNetEmotion.Trainer export --model "$model" --output "$results/batch1.onnx" --batch-size 1
    for ((round = 1; round <= rounds; round++)); do
        "$detector" --input "$1" --model "$model" --headless --loop "$loop" "${detector_args[@]}" --timings "$results/detector.$round.json"
        "$python" Tests/Benchmarks/detector.py --input "$1" --model "$results/batch1.onnx" --loop "$loop" --json "$results/opencv-python.$round.json"
    done
    summarize framesPerSecond 'frames/s' detector opencv-python
}

bench_soak() { # VIDEO
    dotnet build Detector --verbosity quiet --nologo
    "$python" Tests/Benchmarks/soak.py --detector Detector/bin/Debug/net10.0/MlNetEmotion.Detector --input "$1" --frames "${FRAMES:-100000}" -- "${detector_args[@]}"
}

[[ $# -gt 0 ]] || usage
while [[ $# -gt 0 ]]; do
    case $1 in
        train) bench_train; shift ;;
        infer) bench_infer; shift ;;
        detector) [[ -f ${2:-} ]] || usage; bench_detector "$2"; shift 2 ;;
        soak) [[ -f ${2:-} ]] || usage; bench_soak "$2"; shift 2 ;;
        *) usage ;;
    esac
done
