using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Faces;
using MlNetEmotion.Trainer.Data;

namespace MlNetEmotion.Benchmarks;

/// <summary>A face set into a larger picture, as a detector found it.</summary>
/// <param name="Frame">FER2013's frame in the picture.</param>
/// <param name="Box">The detection that overlaps it most; null if none does by <see cref="MinIou"/>.</param>
/// <param name="Others">The number of other detections.</param>
/// <param name="Crops">uint8 [48, 48] for each of the boxes asked for, the detection's own first.</param>
internal sealed record Finding(Box Frame, Box? Box, FaceLandmarks? Landmarks, int Others, byte[][] Crops)
{
    private const double MinIou = 0.3;

    /// <summary>Sets each face into a picture and finds it by each detector, as the Detector does in still images.</summary>
    /// <param name="boxes">Changes of the detector's box: factors on its side, and shifts down as shares of its side.</param>
    /// <returns>[detector][face]</returns>
    public static Finding[][] Of(FaceDataset faces, ulong seed, FaceDetectorKind[] kinds, (double Scale, double Down)[] boxes)
    {
        OpenCvLibrary.SetThreads(1);
        Finding[][] findings = [.. kinds.Select(_ => new Finding[faces.Count])];
        Parallel.For(0, Environment.ProcessorCount, worker =>
        {
            var options = new FaceDetectorOptions { DetectWidth = FaceDetectorOptions.StillDetectWidth };
            IFaceDetector[] detectors = [.. kinds.Select(kind => FaceDetectors.Load(kind, options: options))];
            for (int i = worker; i < faces.Count; i += Environment.ProcessorCount)
            {
                using Frame picture = Picture.Of(faces.Face(i), SplitMix64.ForItem(seed, i), out Box frame);
                for (int k = 0; k < kinds.Length; k++)
                {
                    findings[k][i] = Find(picture, frame, kinds[k] == FaceDetectorKind.Cropped ? [new FaceDetection(frame)] : detectors[k].Detect(picture), boxes);
                }
            }

            detectors.ToList().ForEach(detector => detector.Dispose());
        });
        return findings;
    }

    private static Finding Find(Frame picture, Box frame, ReadOnlySpan<FaceDetection> detections, (double Scale, double Down)[] boxes)
    {
        FaceDetection[] found = [.. detections.ToArray().Where(face => face.IsFaceOf(picture.Width, picture.Height)).OrderByDescending(face => face.Box.Iou(frame))];
        if (found.Length == 0 || found[0].Box.Iou(frame) < MinIou)
        {
            return new Finding(frame, null, null, found.Length, []);
        }

        (Box box, FaceLandmarks? landmarks) = (found[0].Box, found[0].Landmarks);
        return new Finding(frame, box, landmarks, found.Length - 1, [.. boxes.Select(change =>
        {
            int side = (int)Math.Round(box.Width * change.Scale);
            var crop = new byte[FacePreprocessor.PixelCount];
            FacePreprocessor.ToFace(picture.View, new Box(box.X + ((box.Width - side) / 2), box.Y + ((box.Height - side) / 2) + (int)Math.Round(box.Width * change.Down), side, side), landmarks, crop);
            return crop;
        })]);
    }
}
