using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Pipeline;
using MlNetEmotion.Detector.Running;
using MlNetEmotion.Detector.Scoring;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Programs;
using MlNetEmotion.Programs.Samples;
using MlNetEmotion.Tests.Shared;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Running;

public sealed class BaselineOptionsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly IEmotionModel model = EmotionModels.Load(Fixture.Model("tiny"), threads: 1);
    private readonly List<string> reports = [];

    public void Dispose()
    {
        model.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("3", null)]
    [InlineData("60", null)]
    [InlineData("0", "--baseline is 0, but must be above 0 and at most 60 seconds.")]
    [InlineData("61", "--baseline is 61, but must be above 0 and at most 60 seconds.")]
    [InlineData("rest.mp4", "rest.mp4: no such file. Give '--baseline' a clip or image of the resting face, or seconds, such as 3.")]
    public void CheckBaseline_Text_IsSecondsOrAFile(string typed, string? expected) => Assert.Equal(expected, BaselineOptions.CheckBaseline(typed));

    [Fact]
    public void Load_ImageOfAFace_CorrectsByIt()
    {
        string face = folder.WritePgm("rest.pgm", SampleFaces.Draw(seed: 5, index: 6));
        var scores = new EmotionScores[1];
        model.Score(SampleFaces.Draw(seed: 5, index: 6), scores);
        var expected = new MlNetEmotion.Smoothing.NeutralBaseline();
        expected.Add(scores[0]);

        IBaselines baselines = Load(face, areStills: true)!;

        Assert.Equal(expected.Correct(scores[0]), baselines.Correct(1, scores[0], default));
        Assert.Equal([$"baseline: 1 frame of the resting face in {face}"], reports);
    }

    [Fact]
    public void Load_SeveralFaces_IsRefused()
    {
        string image = folder.At("three.png");
        using (var demo = new DemoSource())
        using (var frame = new Frame())
        {
            demo.Read(frame, out _);
            OpenCvSharp.Cv2.ImWrite(image, frame.Mat);
        }

        Assert.Equal(
            $"{image}: 3 faces in frame 0; a baseline needs the resting face alone.",
            Assert.Throws<UsageException>(() => Load(image, areStills: false, isCropped: false)).Message);
    }

    [Fact]
    public void Load_SecondsOfStillImages_IsRefused() =>
        Assert.StartsWith("--baseline 3: still images have no first seconds.", Assert.Throws<UsageException>(() => Load("3", areStills: true)).Message, StringComparison.Ordinal);

    [Fact]
    public void Load_NoOption_IsNone() => Assert.Null(Load(null, areStills: false));

    private IBaselines? Load(string? baseline, bool areStills, bool isCropped = true)
    {
        var run = new DetectorOptions { Recognition = new RecognitionOptions { Cropped = isCropped } };
        return new BaselineOptions { Baseline = baseline }.Load(run, model, areStills, reports.Add, TestContext.Current.CancellationToken);
    }
}
