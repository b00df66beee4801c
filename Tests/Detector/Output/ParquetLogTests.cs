using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Programs.Archive;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Output;

public sealed class ParquetLogTests
{
    private static readonly FaceResult Face = new(3, new Box(10, 20, 96, 97), new EmotionScores([0.03125f, 0, 0, 0.75f, 0.0625f, 0.125f, 0.03125f])) { IsUncertain = true };

    [Fact]
    public void Write_Frames_HasTheEventsColumnsAndCountsEachSource()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Root, "a.parquet");
        using var noPixels = new Frame();
        using (var log = new ParquetLog(File.Create(path), new StageTimings()))
        {
            log.Write(noPixels, new FrameResult(7, TimeSpan.FromSeconds(7 / 30.0), [Face, Face with { TrackId = 4 }], Source: "a.mp4"));
            log.Write(noPixels, new FrameResult(8, TimeSpan.FromSeconds(8 / 30.0), [], Source: "a.mp4"));
            log.Write(noPixels, new FrameResult(0, TimeSpan.Zero, [Face], Source: "b.jpg"));
        }

        using var reader = new FaceTableReader(path);
        FaceRow[] rows = [.. reader.Groups().SelectMany(group => group)];
        Assert.Equal([("a.mp4", 7L, 3), ("a.mp4", 7, 4), ("b.jpg", 0, 3)], rows.Select(row => (row.Source, row.Frame, row.TrackId)));
        Assert.Equal(233.333, rows[0].TimestampMs, 0.001);
        Assert.Equal((Face.Box, Emotion.Happy, "Uncertain", 0.75f), (rows[0].Box, rows[0].Emotion, rows[0].Shown, rows[0].Scores[Emotion.Happy]));
        Assert.Equal([("a.mp4", 2L, 2L), ("b.jpg", 1, 1)], reader.Inputs.Select(input => (input.Source, (long)input.Frames, (long)input.Faces)));
        Assert.Equal(266.667, reader.Inputs[0].LastMs, 0.001);
    }
}
