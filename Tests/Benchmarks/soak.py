"""Plays a video over and over as fast as it goes, and watches the Detector's memory and handles (Linux).

Prints resident memory, open file descriptors and threads over time. Fails where, after the warm-up, memory grew by 1 % or more,
or descriptors or threads became more: the medians of the first and the last tenth of the samples are compared.
"""

import argparse
import json
import pathlib
import statistics
import subprocess

SAMPLES = 100
WARM_UP = 0.2  # the part of the frames in which the runtime compiles its code anew and heaps find their size


def sample(pid):
    process = pathlib.Path(f"/proc/{pid}")
    status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
    return int(status["VmRSS"].split()[0]) / 1024, len(list((process / "fd").iterdir())), int(status["Threads"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--detector", required=True, help="the program")
    parser.add_argument("--input", required=True, help="a video with a face")
    parser.add_argument("--frames", type=int, default=100_000)
    parser.add_argument("arguments", nargs="*", help="after --: further arguments for the program")
    args = parser.parse_args()

    command = [args.detector, "--headless", "--input", args.input, "--loop", str(args.frames), "--max-frames", str(args.frames)]
    samples = []
    step = max(1, args.frames // SAMPLES)
    print(f"{'frame':>10}{'memory MB':>12}{'handles':>9}{'threads':>9}")
    with subprocess.Popen([*command, "--events", "-", *args.arguments], stdout=subprocess.PIPE, text=True) as detector:
        for line in detector.stdout:
            frame = json.loads(line)["frame"]
            if frame >= step * (len(samples) + 1):
                samples.append(sample(detector.pid))
                print(f"{frame:>10}{samples[-1][0]:>12.1f}{samples[-1][1]:>9}{samples[-1][2]:>9}", flush=True)
    if detector.returncode != 0 or len(samples) < SAMPLES // 2:
        raise SystemExit(f"the Detector ended with {detector.returncode} after {len(samples)} samples")

    steady = samples[int(len(samples) * WARM_UP):]
    tenth = max(1, len(steady) // 10)
    first, last = ([statistics.median(column) for column in zip(*part)] for part in (steady[:tenth], steady[-tenth:]))
    growth = last[0] / first[0] - 1
    print(f"after the warm-up: memory {first[0]:.1f} to {last[0]:.1f} MB ({growth:+.2%}), handles {first[1]:.0f} to {last[1]:.0f}, threads {first[2]:.0f} to {last[2]:.0f}")
    if growth >= 0.01 or last[1] > first[1] or last[2] > first[2]:
        raise SystemExit("grew")


if __name__ == "__main__":
    main()
