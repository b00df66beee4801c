using MlNetEmotion.Imaging;
using MlNetEmotion.Native.OpenCv;
using MlNetEmotion.Tracking;

namespace MlNetEmotion.Detector.Pipeline;

/// <summary>Faces → crops → scores, a frame's in one batch. Does not own the classifier. Not thread-safe.</summary>
/// <param name="classifier">Scores crops.</param>
/// <param name="timings">Measures.</param>
internal sealed class FaceScorer(EmotionClassifier classifier, StageTimings timings)
{
    private byte[] crops = [];
    private EmotionScores[] scores = [];

    /// <summary>Scores the faces of a frame.</summary>
    /// <param name="frame">uint8 BGR; left as it is.</param>
    /// <param name="faces">Where they are.</param>
    /// <param name="results">Emptied, then receives a result a face, in the same order.</param>
    public void Score(Mat frame, List<TrackedFace> faces, List<FaceResult> results)
    {
        results.Clear();
        if (faces.Count == 0)
        {
            return;
        }

        using (timings.Measure("crop"))
        {
            Crop(frame.View, faces);
        }

        using (timings.Measure("score"))
        {
            classifier.ClassifyBatch(crops.AsSpan(0, faces.Count * FacePreprocessor.PixelCount), scores.AsSpan(0, faces.Count));
        }

        int width = frame.Width;
        int height = frame.Height;
        for (int i = 0; i < faces.Count; i++)
        {
            results.Add(new FaceResult(faces[i].TrackId, faces[i].Box.Within(width, height), scores[i]));
        }
    }

    private void Crop(ImageView frame, List<TrackedFace> faces)
    {
        if (scores.Length < faces.Count)
        {
            Array.Resize(ref scores, faces.Count);
            Array.Resize(ref crops, faces.Count * FacePreprocessor.PixelCount);
        }

        for (int i = 0; i < faces.Count; i++)
        {
            Span<byte> crop = crops.AsSpan(i * FacePreprocessor.PixelCount, FacePreprocessor.PixelCount);
            FacePreprocessor.ToFace(frame, faces[i].Box, faces[i].Landmarks, crop);
        }
    }
}
