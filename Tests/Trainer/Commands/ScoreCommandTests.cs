using System.Security.Cryptography;
using MlNetEmotion.Programs.Archive;
using MlNetEmotion.Programs.Samples;
using MlNetEmotion.Tests.Detector;
using MlNetEmotion.Tests.Shared;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Commands;

public sealed class ScoreCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Score_InShards_GivesTheClassifiersProbabilities()
    {
        byte[][] faces = [.. Enumerable.Range(0, 9).Select(i => SampleFaces.Draw(1, i))];
        for (int i = 0; i < faces.Length; i++)
        {
            folder.WritePgm($"in/{i}.pgm", faces[i]);
        }

        folder.Write("in/broken.png", "no PNG");
        for (int i = 0; i < 2; i++)
        {
            (int exitCode, _, string error) = await TrainerProcess.Run("score", "--data", At("in"), "--output", At("r"), "--model", Fixture.Model("tiny"), "--shard", $"{i}/2");
            Assert.Equal(0, exitCode);
            Assert.True(error.Length == 0 || error.StartsWith("broken.png: ", StringComparison.Ordinal), error);
        }

        (int merged, string output, _) = await DetectorProcess.Run("merge", At("r"), "--manifest", At("in"), "--output", At("m.parquet"));
        Assert.Equal(1, merged);
        Assert.StartsWith("10 inputs of ", output, StringComparison.Ordinal);
        using var classifier = new EmotionClassifier(Fixture.Model("tiny"));
        using var table = new FaceTableReader(At("m.parquet"));
        FaceRow[] rows = [.. table.Groups().SelectMany(group => group)];
        Assert.Equal(Enumerable.Range(0, 9).Select(i => $"{i}.pgm"), rows.Select(row => row.Source).Order(StringComparer.Ordinal));
        Assert.All(rows, row =>
        {
            EmotionScores expected = classifier.Classify(new ImageView(faces[int.Parse(row.Source[..1])], 48, 48, PixelFormat.Gray8));
            Assert.Equal(expected.Top, row.Emotion);
            Assert.Equal(expected.Confidence, row.Scores.Confidence, 1e-5f);    // rounded to six digits
        });
    }

    [Fact]
    public async Task Score_WithoutAModel_NamesTheOneInsideByItsContent()
    {
        folder.WritePgm("in/a.pgm", SampleFaces.Draw(1, 0));
        Assert.Equal(0, (await TrainerProcess.Run("score", "--data", At("in"), "--output", At("r"))).ExitCode);

        string hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "../../../../onnx/emotion.onnx")))[..8]);
        using var table = new FaceTableReader(Assert.Single(Directory.GetFiles(At("r"))));
        Assert.Contains($"\"model\":\"{hash}\"", table.Settings, StringComparison.Ordinal);
    }

    private string At(string name) => folder.At(name);
}
