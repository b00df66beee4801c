using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Scoring;
using MlNetEmotion.Tracking;

namespace MlNetEmotion.Detector.Pipeline;

/// <summary>Crops and scores the faces of a frame in one batch. Does not own the model. Not thread-safe.</summary>
internal sealed class FaceScorer(IEmotionModel model, StageTimings timings)
{
    private byte[] crops = [];
    private EmotionScores[] scores = [];

    public void Score(Frame frame, List<TrackedFace> faces, List<FaceResult> results)
    {
        results.Clear();
        if (faces.Count == 0)
        {
            return;
        }

        if (scores.Length < faces.Count)
        {
            Array.Resize(ref scores, faces.Count);
            Array.Resize(ref crops, faces.Count * FacePreprocessor.PixelCount);
        }

        using (timings.Measure("crop"))
        {
            ImageView image = frame.View;
            for (int i = 0; i < faces.Count; i++)
            {
                FacePreprocessor.ToFace(image, faces[i].Box, faces[i].Landmarks, crops.AsSpan(i * FacePreprocessor.PixelCount));
            }
        }

        using (timings.Measure("score"))
        {
            model.Score(crops.AsSpan(0, faces.Count * FacePreprocessor.PixelCount), scores.AsSpan(0, faces.Count));
        }

        (int width, int height) = (frame.Width, frame.Height);
        for (int i = 0; i < faces.Count; i++)
        {
            ReadOnlySpan<byte> crop = crops.AsSpan(i * FacePreprocessor.PixelCount, FacePreprocessor.PixelCount);
            results.Add(FaceResult.Of(faces[i].TrackId, faces[i].Box, faces[i].Landmarks, crop, scores[i], width, height));
        }
    }
}
