using System.CommandLine;
using MlNetEmotion.Detector.Faces;
using Spectre.Console;

namespace MlNetEmotion.Detector;

/// <summary><c>Detector models</c>: lists the model of each face detector, and downloads those that do not come with the program.</summary>
internal static class ModelsCommand
{
    public static Command Create()
    {
        var command = new Command("models", "List the model of each face detector: the one that comes with the program, and the installed cascades.") { CreateDownload() };
        command.SetAction(_ => Show(Console.Out));
        return command;
    }

    /// <summary>Downloads the models that are missing.</summary>
    public static async Task<int> DownloadAsync(
        ModelDownload download, IReadOnlyList<PublishedModel> models, bool force, IAnsiConsole terminal, TextWriter output, CancellationToken stop)
    {
        // All existing files are checked before the first download.
        HashSet<PublishedModel> there = [.. models.Where(model => download.IsPresent(model, force))];
        foreach (PublishedModel model in models)
        {
            if (!there.Contains(model))
            {
                await WithProgressAsync(terminal, model, progress => download.FetchAsync(model, progress, stop));
            }

            string what = there.Contains(model) ? "is there already" : $"{model.Bytes / 1024.0:0} KB from {model.Address} (licence: {model.Licence})";
            await output.WriteLineAsync($"{download.PathOf(model)}: {what}");
        }

        return ExitCodes.Success;
    }

    private static Command CreateDownload()
    {
        var command = new Command("download", "Download OpenCV's Haar and LBP cascades, for '--face-detector haar|lbp'. YuNet, the default, comes with the program.");
        return new CommandOptions<DownloadOptions>().AddTo(command, async (options, _, stop) =>
        {
            using var download = new ModelDownload(ModelFolder.Path);
            return await DownloadAsync(download, PublishedModel.Cascades, options.Force, AnsiConsole.Console, Console.Out, stop);
        });
    }

    private static Task WithProgressAsync(IAnsiConsole terminal, PublishedModel model, Func<Action<long>, Task> fetch) =>
        !terminal.Profile.Capabilities.Interactive || !terminal.Profile.Out.IsTerminal
            ? fetch(_ => { })
            : terminal.Progress()
                .AutoClear(enabled: true)
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new TransferSpeedColumn())
                .StartAsync(context =>
                {
                    ProgressTask bar = context.AddTask(model.FileName, maxValue: model.Bytes);
                    return fetch(received => bar.Value = received);
                });

    private static int Show(TextWriter output)
    {
        output.WriteLine("yunet, the default: comes with the program");
        string?[] cascades = [ShowCascade(output, "haar", CascadeFiles.Haar), ShowCascade(output, "lbp", CascadeFiles.Lbp)];
        string[] files = ModelFolder.Files;
        output.WriteLine($"{ModelFolder.Path}: {(files.Length == 0 ? "no models" : Quantity.Pluralize(files.Length, "model"))}");
        foreach (string file in files)
        {
            string use = cascades.Contains(file) ? "" : "  used only where '--face-model' names it";
            output.WriteLine($"  {Path.GetFileName(file)}  {new FileInfo(file).Length / 1024.0:0} KB{use}");
        }

        return ExitCodes.Success;
    }

    private static string? ShowCascade(TextWriter output, string kind, string name)
    {
        string? file = CascadeFiles.FindOrNull(name);
        output.WriteLine($"{kind}: {file ?? "not installed; 'Detector models download' fetches it"}");
        return file;
    }

    private sealed record DownloadOptions
    {
        [Setting("Replace other files with the same names.")] public bool Force { get; init; }
    }
}
