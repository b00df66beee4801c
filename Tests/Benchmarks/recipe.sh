#!/usr/bin/env bash
# A recipe for a model from FER2013's original pixels and FER+'s votes alone, with fresh weights. The shipped model was made by another (onnx/README.md).
# The folder has train, validation, ferplus-train.csv and ferplus-validation.csv. A run that was stopped is resumed.
# On two cores with AMX an epoch takes 50 to 85 seconds, so the run two and a half to four hours; DEVICE=cuda is faster, but repeats only up to rounding.
# Usage: Tests/Benchmarks/recipe.sh FER2013-FOLDER RUN-FOLDER
set -euo pipefail
[[ $# -eq 2 && -f $1/ferplus-train.csv ]] || { sed -n '5s/^# //p' "$0" >&2; exit 2; }
data=$(realpath "$1")
run=$(realpath --canonicalize-missing "$2")
cd "$(dirname "$0")/../.."
dotnet build Trainer --configuration Release --verbosity quiet --nologo
trainer=Trainer/bin/Release/net10.0/MlNetEmotion.Trainer
sed -n 's/^model name.*: //p;T;q' /proc/cpuinfo
if [[ -f $run/last.safetensors ]]; then
    exec "$trainer" train --resume "$run"
fi
exec "$trainer" train --data "$data" --votes "$data/ferplus-train.csv" --votes "$data/ferplus-validation.csv" --network emonet --seed 1 --output "$run" \
    --device "${DEVICE:-cpu}" --precision bf16 --epochs 180 --batch-size 128 --learning-rate 0.1 --warmup-epochs 2 --weight-decay 2e-4 --ema-decay 0.999 \
    --crop 44 --scale 0.15 --shift 0.12 --blur 0.2 --noise 0.2 --jpeg 0.2 --mixup 0.2
