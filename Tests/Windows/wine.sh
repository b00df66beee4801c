#!/usr/bin/env bash
# Publishes the programs for win-x64 on Linux, runs them under Wine, and prints PASS, FAIL or SKIP for each check; exit code 1 if one failed.
#   Tests/Windows/wine.sh [FOLDER]      publishes into the folder (2 GB; default: a temporary one) and keeps it;
#   REUSE=1 Tests/Windows/wine.sh FOLDER      publishes only what is missing there.
# Needs the .NET 10 SDK, and of Debian wine, wine64 and xvfb. Takes about 7 minutes.
set -uo pipefail
repository=$(cd "$(dirname "$0")/../.." && pwd)
work=$(realpath -m "${1:-$(mktemp -d)}")
for needed in dotnet wine Xvfb; do
    command -v $needed > /dev/null || { echo "SKIP all: $needed is missing (apt-get install --no-install-recommends wine wine64 xvfb)"; exit 0; }
done

# Faults of Wine 8, not of the programs: .NET's double-mapped code crashes there, and Intel's OpenMP asks for a call that is not implemented.
export DOTNET_EnableWriteXorExecute=0 KMP_AFFINITY=disabled WINEPREFIX=$work/wine WINEDEBUG=-all LC_ALL=C.UTF-8
passed=0 failed=0

# check NAME COMMAND…: the command leaves its output in the files out and err.
check() {
    local name=$1; shift
    if "$@"; then passed=$((passed + 1)); echo "PASS $name"
    else failed=$((failed + 1)); echo "FAIL $name: $(tail -q -c 300 out err 2> /dev/null | tr '\r\n' '  ')"; fi
}

# run EXIT-CODE PROGRAM ARGUMENT…
run() {
    local expected=$1 code; shift
    timeout -k 5 240 wine "$@" > out 2> err < /dev/null; code=$?
    [ $code -eq "$expected" ] || { echo "exit code $code, expected $expected" >> err; return 1; }
}
says() { grep -q -- "$1" out err; }

publish() { # PROJECT FOLDER ARGUMENT…
    local project=$1 folder=$2; shift 2
    [ ! -d "$folder" ] || return 0
    dotnet publish "$project" -c Release -r win-x64 --self-contained -o "$folder" -v:q --artifacts-path "$work/build" "$@" > "$folder.log" 2>&1
}

mkdir -p "$work"; cd "$work" || exit 1
[ -n "${REUSE:-}" ] || rm -rf build trainer detector helper app packages
publish "$repository/Trainer" trainer || { cat trainer.log; exit 1; }
if ! publish "$repository/Detector" detector; then
    grep -q 'NU1101.*OpenCvSharp4.runtime.win' detector.log || { cat detector.log; exit 1; }
    publish "$repository/Detector" detector -p:OpenCvSystems=any || { cat detector.log; exit 1; }
fi
publish "$repository/Tests/Windows/Helper" helper || { cat helper.log; exit 1; }
dotnet pack "$repository/Shared" -c Release -o packages -p:Version=0.0.0-wine -v:q --artifacts-path "$work/build" > packages.log 2>&1 || { cat packages.log; exit 1; }
mkdir -p app-source
cat > app-source/app.csproj <<XML
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
    <RestoreAdditionalProjectSources>$work/packages</RestoreAdditionalProjectSources>
  </PropertyGroup>
  <ItemGroup><PackageReference Include="MlNetEmotion" Version="0.0.0-wine" /></ItemGroup>
</Project>
XML
cat > app-source/Program.cs <<'CS'
using MlNetEmotion;

using var classifier = EmotionClassifier.LoadDefault();
byte[] face = [.. Enumerable.Range(0, 48 * 48).Select(i => (byte)i)];
Console.WriteLine(classifier.Classify(new ImageView(face, 48, 48, PixelFormat.Gray8)).Top);
CS
publish app-source app || { cat app.log; exit 1; }
rm -rf "${NUGET_PACKAGES:-$HOME/.nuget/packages}/mlnetemotion/0.0.0-wine"
trainer=$work/trainer/MlNetEmotion.Trainer.exe detector=$work/detector/MlNetEmotion.Detector.exe helper=$work/helper/Helper.exe

Xvfb -displayfd 3 -screen 0 1280x900x24 3> display > /dev/null 2>&1 & xvfb=$!
trap 'wineserver -k; kill $xvfb 2> /dev/null' EXIT
for _ in $(seq 50); do [ -s display ] && break; sleep 0.2; done
export DISPLAY=:$(cat display)
[ -d "$WINEPREFIX" ] || wineboot -u > wineboot.log 2>&1
wine reg add 'HKCU\Software\Wine' /v Version /d win10 /f > /dev/null 2>&1
rm -rf run "$WINEPREFIX/drive_c/users/faces" "$WINEPREFIX/drive_c/users/merged.parquet"; mkdir run; cd run || exit 1
windows() { echo "Z:${1//\//\\}"; }
faces='Gesichter für 日本 x'

check 'Trainer --help' run 0 "$trainer" --help
check 'an unknown command: exit code 2' run 2 "$trainer" nonsense
check 'a folder with spaces, umlauts, CJK and a trailing backslash' run 0 "$trainer" generate --count 140 --output "$faces\\"
check '  … is there' test -d "$faces/train/happy"
check '  … and its name is whole in the message' says "$faces"
check 'the same folder again: exit code 2' run 2 "$trainer" generate --count 140 --output "$faces"
check 'another drive' run 0 "$trainer" generate --count 70 --output 'C:\users\faces'
check 'a name that Windows forbids: exit code 2' run 2 "$trainer" generate --count 70 --output 'a|b?'
check 'a drive that is not there: exit code 2' run 2 "$trainer" export --model "$(windows "$repository")\\onnx\\emotion.onnx" --output 'Q:\results\a.onnx'
check 'training' run 0 "$trainer" train --data "$faces" --network classic --epochs 1 --output 'läufe\r 1'
check '  … writes model and report' test -s 'läufe/r 1/emotion.onnx' -a -s 'läufe/r 1/report.html'
check 'evaluation' run 0 "$trainer" evaluate --model 'läufe\r 1\emotion.onnx' --data ".\\$faces\\" --json 'sub\figures.json'
check 'a result that exists: exit code 2' run 2 "$trainer" evaluate --model 'läufe\r 1\emotion.onnx' --data "$faces" --json 'sub\figures.json'
check '--force over the input in other letters: exit code 2' run 2 "$trainer" export --model 'läufe\r 1\emotion.onnx' --batch-size 1 --output 'LÄUFE\R 1\EMOTION.ONNX' --force
check 'export' run 0 "$trainer" export --model 'läufe\r 1\emotion.onnx' --batch-size 1 --output 'sub\b1.onnx'
check 'NUL as a result' run 0 "$trainer" evaluate --model 'läufe\r 1\emotion.onnx' --data "$faces" --json NUL

# The helper waits for the program's line, then does a thing to it or to a file.
check 'a result that another program opens for a second' run 0 "$helper" hold 'sub\figures.json' 1000 "$(windows "$trainer")" evaluate --model 'läufe\r 1\emotion.onnx' --data "$faces" --json 'sub\figures.json' --force
check 'a result that stays open: exit code 1' run 1 "$helper" hold 'sub\figures.json' 600000 "$(windows "$trainer")" evaluate --model 'läufe\r 1\emotion.onnx' --data "$faces" --json 'sub\figures.json' --force
check '  … and its message names the finished file' says 'the finished file is .*figures.json.tmp'
check 'Ctrl+C in training: saved, exit code 0' run 0 "$helper" ctrl-c 'epoch 1' "$(windows "$trainer")" train --data "$faces" --network classic --epochs 500 --output stopped
check '  … and it can be continued' run 0 "$helper" ctrl-c 'epoch 2' "$(windows "$trainer")" train --resume stopped
if run 98 "$helper" ctrl-break 'epoch 1' "$(windows "$trainer")" train --data "$faces" --network classic --epochs 500 --output stopped-by-break; then
    echo 'SKIP Ctrl+Break in training: Wine does not deliver it'
else
    check 'Ctrl+Break in training: saved, exit code 0' says 'exit code 0,'
fi

printf '\xef\xbb\xbf%s\\train\\happy\r\n' "$faces" > list.txt
check 'a list with a byte order mark, CRLF and backslashes' run 0 "$detector" --cropped --input '@list.txt' --shard 0/1 --events 'scores\'
check 'a wildcard' run 0 "$detector" --cropped --input "$faces\\train\\sad\\*.png" --shard 0/1 --events 'scores-of-pattern\'
check 'Detector --help' run 0 "$detector" --help
check 'Detector merge' run 0 "$detector" merge scores --output merged.parquet --report archive.html
check 'Detector merge to another drive' run 0 "$detector" merge "$(windows "$work")\\run\\scores" --output 'C:\users\merged.parquet'
check 'a package in an application' run 0 "$work/app/app.exe"

# Still images need no OpenCV. The image is this repository's own: the window, showing generated faces.
image="$(windows "$repository")\\docs\\images\\window.png"
check 'Detector on an image' run 0 "$detector" "$image" --headless --events faces.jsonl --report faces.html
check '  … finds faces' grep -q '"emotion"' faces.jsonl
check 'Detector on a folder of cropped faces' run 0 "$detector" --cropped "$faces\\train\\happy" --headless --events cropped.csv
check '  … one line per face' test "$(wc -l < cropped.csv)" -eq "$(($(ls "$faces/train/happy" | wc -l) + 1))"
check 'Detector on a shard' run 0 "$detector" --cropped --input "$faces\\train\\happy" --shard 0/1 --events shard
check '  … writes its part' sh -c 'ls shard/*.parquet > out'
timeout 120 wine "$detector" serve --no-open --urls http://127.0.0.1:5181 > out 2> err < /dev/null &
for _ in $(seq 60); do curl -fsS http://127.0.0.1:5181/healthz > /dev/null 2>&1 && break; sleep 1; done
check 'serve: /readyz' curl -fsS http://127.0.0.1:5181/readyz -o ready
check 'serve: /api/faces finds faces' sh -c "curl -fsS --data-binary @'$repository/docs/images/window.png' http://127.0.0.1:5181/api/faces | grep -q probabilities"
wine taskkill /f /im MlNetEmotion.Detector.exe > /dev/null 2>&1; wait %2 2> /dev/null

if [ -f "$work/detector/OpenCvSharpExtern.dll" ]; then
    check 'Detector --demo' run 0 "$detector" --demo --headless --max-frames 50 --events demo.jsonl
    check 'a camera that is not there: exit code 2' run 2 "$detector" 7 --headless --reconnect 0
else
    echo 'SKIP what needs OpenCV: the feed has no OpenCvSharp4.runtime.win'
    check 'Detector without OpenCV: exit code 2' run 2 "$detector" --demo --headless
    check '  … and its message says what to install' says 'Visual C++'
    check 'an image that cannot be shown is printed' run 0 "$detector" "$image"
    check '  … as JSON lines' grep -q '"emotion"' out
fi
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
