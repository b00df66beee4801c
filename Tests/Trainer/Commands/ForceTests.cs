using System.CommandLine;
using MlNetEmotion.Detector;
using MlNetEmotion.Programs;
using MlNetEmotion.Tests.Shared;
using MlNetEmotion.Tests.Trainer.Data;
using MlNetEmotion.Trainer.Commands;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Commands;

/// <summary>Commands whose result exists already: the check of each, before any work.</summary>
public sealed class ForceTests : IDisposable
{
    private const string Kept = "kept";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    // After the check each command fails at once: there are no images, and the model is not a checkpoint.
    [Theory]
    [InlineData("evaluate --model MODEL --data nowhere --json", "a.json")]
    [InlineData("evaluate --model MODEL --data nowhere --report", "a.html")]
    [InlineData("calibrate --model MODEL --data nowhere --output", "a.onnx")]
    [InlineData("combine --model MODEL --mirror --data nowhere --output", "a.onnx")]
    [InlineData("export --checkpoint MODEL --output", "a.onnx")]
    [InlineData("adopt --model MODEL --labels happy --output", "a.onnx")]
    [InlineData("samples --data nowhere --output", "a.png")]
    [InlineData("benchmark --model nowhere.onnx --batch-size 1 --batches 1 --json", "a.json")]
    [InlineData("merge FOLDER --output", "a.parquet")]
    [InlineData("merge FOLDER --inputs", "a.parquet")]
    [InlineData("merge FOLDER --report", "a.html")]
    public async Task Command_ResultExists_NeedsForce(string typed, string result)
    {
        string path = folder.Write(result, Kept);
        string[] args =
        [
            .. typed.Replace("MODEL", Fixture.Model("tiny"), StringComparison.Ordinal).Replace("FOLDER", folder.CreateFolder("empty"), StringComparison.Ordinal)
                .Replace("nowhere", Path.Combine(folder.Root, "nowhere"), StringComparison.Ordinal).Split(' '),
            path,
        ];

        UsageException refusal = await Assert.ThrowsAsync<UsageException>(() => Run(args));
        Assert.Equal($"{path}: exists already. Add '--force' to overwrite it, or name another file.", refusal.Message);
        Assert.Equal(Kept, File.ReadAllText(path));

        Exception? after = await Record.ExceptionAsync(() => Run([.. args, "--force"]));
        Assert.DoesNotContain("exists already", after?.Message ?? "", StringComparison.Ordinal);
    }

    private static Task<int> Run(string[] args)
    {
        var root = new RootCommand
        {
            EvaluateCommand.Create(), CalibrateCommand.Create(), CombineCommand.Create(), ExportCommand.Create(), AdoptCommand.Create(), SamplesCommand.Create(), BenchmarkCommand.Create(),
            MergeCommand.Create(),
        };
        return root.Parse(args).InvokeAsync(new InvocationConfiguration { Output = TextWriter.Null, Error = TextWriter.Null, EnableDefaultExceptionHandler = false });
    }
}
