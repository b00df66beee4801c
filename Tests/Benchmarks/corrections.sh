#!/usr/bin/env bash
# Learning from corrections, from sessions to a better model: generated people who frown at rest. Each has a session in which a coder named every span.
# The faces of some people are learned; six others, whose neutral face the shipped model takes for another, tell whether the new model is better.
# With FER2013's folders as the argument, also a changed convention there: fear is called surprise. Both also say how many other answers changed.
# Usage: Tests/Benchmarks/corrections.sh [FER2013-FOLDER]
# Needs ffmpeg. Environment: PEOPLE (10), FACES (200, the number of FER2013's faces to learn), RESULTS (a temporary folder, else kept).
set -euo pipefail
cd "$(dirname "$0")/../.."
[[ $# -eq 0 || -d $1/train/fear ]] || { sed -n '5,6s/^# //p' "$0" >&2; exit 2; }
people=${PEOPLE:-10}
faces=${FACES:-200}
fer=${1:+$(realpath "$1")}
[[ -n ${RESULTS:-} ]] && mkdir -p "$RESULTS" && results=$(realpath "$RESULTS") || { results=$(mktemp -d); trap 'rm -rf "$results"' EXIT; }
old=onnx/emotion.onnx
for project in Trainer Detector; do dotnet build "$project" --configuration Release --verbosity quiet --nologo; done
trainer=Trainer/bin/Release/net10.0/MlNetEmotion.Trainer
detector=Detector/bin/Release/net10.0/MlNetEmotion.Detector

learn() { # DATA NAME
    "$trainer" train --data "$1" --from "$old" --rehearse --output "$results/$2" | grep -E '^(epoch|kept)'
}
compare() { # TITLE MODEL evaluate-options
    echo "$1:"
    "$trainer" evaluate --model "$results/$2/emotion.onnx" --against-model "$old" --no-images --report "$results/$2/$RANDOM.html" "${@:3}" 2> /dev/null | grep ' than '
}

collect_faces() { # people|misread COUNT
    mkdir -p "$results/$1"
    dotnet run --configuration Release Tests/Benchmarks/corrections.cs -- "$1" "$results/$1" "$2"
    for ((person = 1; person <= $2; person++)); do
        "$detector" --input "$results/$1/$person.mp4" --headless --events "$results/$1/$person.jsonl" > /dev/null
    done
    dotnet run --configuration Release Tests/Benchmarks/corrections.cs -- pack "$results/$1" "$2"
    "$detector" collect "$results/$1"/*.zip --output "$results/$1-faces"
}

sed -n 's/^model name.*: //p;T;q' /proc/cpuinfo
collect_faces people "$people"
collect_faces misread 6
mv "$results"/misread-faces/train "$results/unseen"    # none of them is learned: the folders are one set
cp -r "$results"/misread-faces/validation/. "$results/unseen"
learn "$results/people-faces" learned
compare 'people that it has not seen' learned --data "$results/unseen"
[[ -z $fer ]] || compare "FER2013's validation images, by FER2013's labels" learned --data "$fer" --split validation
[[ -n $fer ]] || exit 0

mkdir -p "$results/convention/train/surprise" "$results/convention/validation/surprise" "$results/others/validation"
find "$fer/train/fear" -type f | sort | sed -n "1,${faces}p" | xargs ln -s -t "$results/convention/train/surprise"
find "$fer/validation/fear" -type f | xargs ln -s -t "$results/convention/validation/surprise"
for class in angry disgust happy sad surprise neutral; do ln -s "$fer/validation/$class" "$results/others/validation"; done
learn "$results/convention" convention
compare 'fear, called surprise' convention --data "$results/convention" --split validation
compare 'all other classes' convention --data "$results/others" --split validation
