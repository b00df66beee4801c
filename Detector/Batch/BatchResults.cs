using MlNetEmotion.Detector.Running;

namespace MlNetEmotion.Detector.Batch;

/// <summary>The result files of many inputs. An option names a folder, or a file with <c>{name}</c> in it. Results are
/// written beside their final names and renamed when the input is done, so that a file under its final name is whole,
/// whatever ended the program.</summary>
internal sealed class BatchResults
{
    /// <summary>Stands for the input's name.</summary>
    public const string Placeholder = "{name}";

    private readonly DetectorOptions patterns;

    public BatchResults(DetectorOptions options)
    {
        patterns = options.WithResults(Pattern);
        patterns.CheckEndings();
    }

    /// <summary>The final names of an input's results.</summary>
    public IReadOnlyList<string> Of(string name) => [.. patterns.ResultFiles.OfType<string>().Select(pattern => Fill(pattern, name))];

    /// <summary>Whether an input was done before.</summary>
    public bool AreThere(string name) => Of(name) is { Count: > 0 } results && results.All(File.Exists);

    /// <summary>Whether annotated videos would lie within a folder.</summary>
    public bool PutsVideosInto(string folder) =>
        patterns.Output is { } pattern && !Path.GetRelativePath(folder, pattern).StartsWith("..", StringComparison.Ordinal);

    /// <summary>The options of an input's run, which writes beside the final names; makes the folders.</summary>
    public DetectorOptions Begin(string name)
    {
        foreach (string result in Of(name))
        {
            OutputFiles.CreateFolderOf(result);
        }

        return patterns.WithResults((pattern, _) => Beside(Fill(pattern, name)));
    }

    /// <summary>Gives results their final names.</summary>
    public void Finish(string name, bool force)
    {
        foreach (string result in Of(name))
        {
            if (!File.Exists(Beside(result)))
            {
                continue;    // a video without a frame
            }

            if (File.Exists(result) && !force)
            {
                File.Delete(Beside(result));
            }
            else
            {
                File.Move(Beside(result), AtomicFile.TargetOf(result), overwrite: true);
            }
        }
    }

    private static string Pattern(string option, string ending) => option switch
    {
        OutputFiles.StandardOutput => throw new UsageException("standard output can take the events of one input; name a folder for several inputs."),
        _ when option.Contains(Placeholder, StringComparison.Ordinal) => option,
        _ when Path.HasExtension(option) && !Directory.Exists(option) =>
            throw new UsageException($"{option}: one file for several inputs. Name a folder, or a file with {Placeholder} in it, such as 'results/{Placeholder}{Path.GetExtension(option)}'."),
        _ => Path.Combine(option, Placeholder + ending),
    };

    private static string Fill(string pattern, string name) => pattern.Replace(Placeholder, name, StringComparison.Ordinal);

    // The ending stays: it says what is written.
    private static string Beside(string result) => Path.ChangeExtension(result, ".partial" + Path.GetExtension(result));
}
