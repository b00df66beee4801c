using System.CommandLine;
using System.Text.Json;
using MlNetEmotion.Pictures;
using MlNetEmotion.Programs;
using MlNetEmotion.Programs.Archive;
using MlNetEmotion.Programs.Pictures;
using MlNetEmotion.Smoothing;
using FaceRow = MlNetEmotion.Programs.Archive.FaceRow;

namespace MlNetEmotion.Trainer.Commands;

/// <summary><c>Trainer score</c>: scores unlabelled pictures of faces, in shards on as many machines as needed.</summary>
internal static class ScoreCommand
{
    private const int BatchSize = 32;

    private static readonly EmotionSmoother EachByItself = new(new SmoothingOptions { TimeConstant = TimeSpan.Zero });

    public static Command Create()
    {
        var model = new Option<string>("--model") { Description = "The ONNX file; without it, the built-in model", HelpName = "FILE" };
        var data = new Option<string[]>("--data")
        {
            Description = "Pictures that are faces: folders, files, or a list of them, one per line: @list.txt, or - for standard input",
            HelpName = "DIR|FILE|@LIST|-",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        var output = new Option<string>("--output") { Description = "The folder for Parquet files, which all shards share; 'Detector merge' puts them together", HelpName = "DIR", Required = true };
        Option<string?> shard = Shard.Option();
        Option<int?> shards = Shard.CountOption();
        Option<string?> progress = ArchiveProgress.Option();
        var command = new Command("score", "Score pictures of faces that have no labels") { model, data, output, shard, shards, progress };
        command.SetAction((parsed, stop) =>
        {
            Shard own = Shard.Read(parsed.GetValue(shard), parsed.GetValue(shards), Environment.GetEnvironmentVariable) ?? new Shard(0, 1);
            string[] named = InputList.Expand(parsed.GetRequiredValue(data), stop);
            return Task.FromResult(Run(own, named, parsed.GetValue(model), parsed.GetRequiredValue(output), parsed.GetValue(progress), stop));
        });
        return command;
    }

    private static int Run(Shard shard, string[] named, string? model, string folder, string? progressFile, CancellationToken stop)
    {
        using EmotionClassifier classifier = model is null ? EmotionClassifier.LoadDefault() : new EmotionClassifier(model);
        var plan = new ArchivePlan(_ => false, path => PictureFolder.IsPicture(path) || !Directory.Exists(path));
        string settings = JsonSerializer.Serialize(
            new { Version = ProductVersion.Current, Program = "Trainer score", Model = ArchiveRun.HashOfModel(model) },
            FaceTable.Json);
        IReadOnlyList<ArchivePart> parts = ArchivePlan.PartsOf(shard, plan.Inputs(named, Console.Error.WriteLine), settings, bySize: false);
        using var progress = new ArchiveProgress(shard, parts.Sum(part => part.Inputs.Count), progressFile);
        var run = new ArchiveRun(folder, settings, progress);
        run.Prepare();
        run.ReportOthers();
        return progress.Show(() =>
        {
            run.ProcessAll(parts, jobs: 1, (part, table, ending) => Do(part, table, classifier, progress, ending), stop);
            return run.End(stop);
        });
    }

    private static void Do(ArchivePart part, FaceTableWriter table, EmotionClassifier classifier, ArchiveProgress progress, CancellationToken stop)
    {
        foreach (ArchiveInput[] inputs in part.Inputs.Chunk(BatchSize))
        {
            stop.ThrowIfCancellationRequested();
            (ArchiveInput Input, byte[]? Face, string? Remark, Exception? Failure)[] read = [.. inputs.AsParallel().AsOrdered().Select(TryRead)];
            byte[] faces = [.. read.SelectMany(one => one.Face ?? [])];
            var scores = new EmotionScores[faces.Length / FacePreprocessor.PixelCount];
            if (scores.Length > 0)
            {
                classifier.ClassifyBatch(faces, scores);
            }

            int next = 0;
            foreach ((ArchiveInput input, _, string? remark, Exception? failure) in read)
            {
                var outcome = new InputRecord(input.Name, 0, 0, 0);
                if (failure is null)
                {
                    outcome = outcome with { Frames = 1, Faces = 1, Remark = remark };
                    table.Add(Row(input, scores[next++]));
                    progress.Frame(1);
                }
                else
                {
                    outcome = InputRecord.Failed(outcome, failure);
                }

                table.Done(outcome);
                progress.Done(outcome);
            }
        }
    }

    private static FaceRow Row(ArchiveInput input, EmotionScores scores)
    {
        EmotionReading reading = EachByItself.Update(scores, TimeSpan.Zero);
        string shown = reading.IsUncertain ? FaceRow.Uncertain : Emotions.Labels[(int)reading.Emotion];
        return new FaceRow(input.Name, 0, 0, 1, new Box(0, 0, FacePreprocessor.Size, FacePreprocessor.Size), reading.Emotion, shown, scores);
    }

    private static (ArchiveInput Input, byte[]? Face, string? Remark, Exception? Failure) TryRead(ArchiveInput input)
    {
        try
        {
            return (input, ImageFile.ReadFace(input.Path, out string? remark), remark, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return (input, null, null, e);
        }
    }
}
