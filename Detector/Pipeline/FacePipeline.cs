using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Imaging;
using MlNetEmotion.Native.OpenCv;

namespace MlNetEmotion.Detector.Pipeline;

/// <summary>Frame → faces → crops → scores. Owns neither the detector nor the classifier. Not thread-safe.</summary>
internal sealed class FacePipeline(IFaceDetector detector, EmotionClassifier classifier, StageTimings timings)
{
    private readonly FaceTracker tracker = new();
    private byte[] crops = [];
    private EmotionScores[] scores = [];

    /// <summary>Finds and scores the faces in a frame, all in one batch.</summary>
    /// <param name="frame">uint8 BGR; left as it is.</param>
    public IReadOnlyList<FaceResult> Process(Mat frame)
    {
        IReadOnlyList<Box> boxes;
        using (timings.Measure("detect"))
        {
            boxes = detector.Detect(frame);
        }

        using (timings.Measure("crop"))
        {
            Crop(frame.View, boxes);
        }

        using (timings.Measure("score"))
        {
            classifier.ClassifyBatch(crops.AsSpan(0, boxes.Count * FacePreprocessor.PixelCount), scores.AsSpan(0, boxes.Count));
        }

        int[] ids = tracker.Update(boxes);
        return [.. boxes.Select((box, i) => new FaceResult(ids[i], box, scores[i]))];
    }

    private void Crop(ImageView frame, IReadOnlyList<Box> boxes)
    {
        if (scores.Length < boxes.Count)
        {
            Array.Resize(ref scores, boxes.Count);
            Array.Resize(ref crops, boxes.Count * FacePreprocessor.PixelCount);
        }

        for (int i = 0; i < boxes.Count; i++)
        {
            FacePreprocessor.ToFace(frame, boxes[i], crops.AsSpan(i * FacePreprocessor.PixelCount, FacePreprocessor.PixelCount));
        }
    }
}
