"""Frames per second of the script that people write: OpenCV's Haar cascade at full resolution, then cv2.dnn a face.

The model is the emotion network with its batch size fixed to 1 ('Trainer export --model FILE --batch-size 1'), which is
what OpenCV's DNN module can load. Nothing is shown; with --output, frames are annotated and written.
"""

import argparse
import json
import time

import cv2

LABELS = ["Angry", "Disgust", "Fear", "Happy", "Sad", "Surprise", "Neutral"]
CASCADE = "/usr/share/opencv4/haarcascades/haarcascade_frontalface_default.xml"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--input", required=True, help="a video")
    parser.add_argument("--model", required=True, help="the ONNX file with batch size 1")
    parser.add_argument("--cascade", default=CASCADE)
    parser.add_argument("--output", help="write an annotated video (mp4)")
    parser.add_argument("--max-frames", type=int)
    parser.add_argument("--loop", type=int, default=1, help="play the video so many times")
    parser.add_argument("--json", help="write the figures here")
    args = parser.parse_args()

    cascade = cv2.CascadeClassifier(args.cascade)
    net = cv2.dnn.readNetFromONNX(args.model)
    video = cv2.VideoCapture(args.input)
    if cascade.empty() or not video.isOpened():
        raise SystemExit(f"cannot open {args.cascade if cascade.empty() else args.input}")
    writer = None
    frames = faces = 0
    rounds = 1
    started = time.perf_counter()
    while args.max_frames is None or frames < args.max_frames:
        read, frame = video.read()
        if not read and rounds < args.loop:
            rounds += 1
            video = cv2.VideoCapture(args.input)
            read, frame = video.read()
        if not read:
            break
        gray = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
        for x, y, width, height in cascade.detectMultiScale(gray, scaleFactor=1.3, minNeighbors=5):
            face = cv2.resize(gray[y : y + height, x : x + width], (48, 48))
            net.setInput(cv2.dnn.blobFromImage(face))
            probabilities = net.forward()[0]
            faces += 1
            if args.output:
                best = int(probabilities.argmax())
                text = f"{LABELS[best]} {probabilities[best]:.0%}"
                cv2.rectangle(frame, (x, y), (x + width, y + height), (0, 255, 0), 2)
                cv2.putText(frame, text, (x, y - 8), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (0, 255, 0), 2)
        if args.output:
            if writer is None:
                size = (frame.shape[1], frame.shape[0])
                writer = cv2.VideoWriter(args.output, cv2.VideoWriter_fourcc(*"mp4v"), video.get(cv2.CAP_PROP_FPS), size)
            writer.write(frame)
        frames += 1
    seconds = time.perf_counter() - started
    if writer is not None:
        writer.release()

    result = {"frames": frames, "faces": faces, "framesPerSecond": frames / seconds}
    print(json.dumps(result))
    if args.json:
        with open(args.json, "w") as file:
            json.dump(result, file)


if __name__ == "__main__":
    main()
