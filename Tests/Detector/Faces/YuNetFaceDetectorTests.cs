using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Faces;
using MlNetEmotion.Detector.Frames;
using OpenCvSharp;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Faces;

/// <summary>Tests with real photographs, if they are present.</summary>
public sealed class YuNetFaceDetectorTests
{
    private static readonly string Data = Path.Combine(AppContext.BaseDirectory, "../../../../../shared/data");

    // Haar's additional detections, checked by eye: a throat, a dress and a shirt, no faces.
    private static readonly string[] HaarsMistakes = ["img44.jpg 174 356", "selfie-many-people.jpg 213 510", "selfie-many-people.jpg 249 295"];

    private static readonly FaceDetectorOptions Stills = new() { DetectWidth = FaceDetectorOptions.StillDetectWidth };

    [Fact]
    public void Detect_Photographs_FindsWhatHaarFindsAndMore()
    {
        Platform.NeedsCascades();
        using IFaceDetector yunet = Load();
        using IFaceDetector haar = FaceDetectors.Load(FaceDetectorKind.Haar, options: Stills);
        var missed = new List<string>();
        int found = 0;
        int foundByHaar = 0;
        foreach (string path in Photographs())
        {
            using Frame photograph = Image.Decode(File.ReadAllBytes(path));
            FaceDetection[] faces = [.. yunet.Detect(photograph).ToArray().Where(face => face.Score >= FaceDetection.HighScoreThreshold)];
            FaceDetection[] others = haar.Detect(photograph).ToArray();
            found += faces.Length;
            foundByHaar += others.Count(other => faces.Any(face => face.Box.Iou(other.Box) > 0.3));
            missed.AddRange(others.Where(other => !faces.Any(face => face.Box.Iou(other.Box) > 0.3)).Select(other => $"{Path.GetFileName(path)} {other.Box.X} {other.Box.Y}"));
        }

        Assert.Equal(HaarsMistakes, missed);
        Assert.True(found > foundByHaar, $"{found} by YuNet, {foundByHaar} of them by Haar");
    }

    [Fact]
    public void Detect_Portrait_PutsEyesNoseAndMouthInTheirPlaces()
    {
        using IFaceDetector yunet = Load();
        using Frame photograph = Image.Decode(File.ReadAllBytes(Photographs().First(path => path.EndsWith("img12.jpg", StringComparison.Ordinal))));

        FaceDetection face = Assert.Single(yunet.Detect(photograph).ToArray());

        FaceLandmarks points = face.Landmarks!.Value;
        Assert.True(points.RightEye.X < points.LeftEye.X);
        Assert.True(points.RightMouthCorner.X < points.LeftMouthCorner.X);
        Assert.True(Math.Max(points.RightEye.Y, points.LeftEye.Y) < points.Nose.Y);
        Assert.True(points.Nose.Y < Math.Min(points.RightMouthCorner.Y, points.LeftMouthCorner.Y));
        Assert.InRange(points.Nose.X, face.Box.X, face.Box.X + face.Box.Width);
        Assert.InRange(points.Nose.Y, face.Box.Y, face.Box.Y + face.Box.Height);
    }

    [Fact]
    public void Detect_FramesOfOtherSizes_FindsTheSameFace()
    {
        using IFaceDetector yunet = Load();
        using Frame photograph = Image.Decode(File.ReadAllBytes(Photographs().First(path => path.EndsWith("img12.jpg", StringComparison.Ordinal))));
        using var smaller = new Frame();
        photograph.ResizeTo(smaller, photograph.Width / 2, photograph.Height / 2, InterpolationFlags.Area);
        Box large = Assert.Single(yunet.Detect(photograph).ToArray()).Box;

        Box small = Assert.Single(yunet.Detect(smaller).ToArray()).Box;

        // At half the size, the network's boxes are off by some pixels.
        Assert.InRange(new Box(2 * small.X, 2 * small.Y, 2 * small.Width, 2 * small.Height).Iou(large), 0.8, 1);
    }

    private static IFaceDetector Load() => FaceDetectors.Load(FaceDetectorKind.Auto, options: Stills);

    private static IEnumerable<string> Photographs()
    {
        string folder = Path.Combine(Data, "photos");
        Assert.SkipUnless(Directory.Exists(folder), "the photographs are not here");
        return Directory.EnumerateFiles(folder, "*.jpg").Order(StringComparer.Ordinal);
    }
}
