using MlNetEmotion.Detector.Running;

namespace MlNetEmotion.Detector.Batch;

/// <summary>The result files of many inputs. An option names a folder, or a file with <c>{name}</c> in it. Results are
/// written beside their final names and renamed when the input is done, so that a file under its final name is whole,
/// whatever ended the program.</summary>
internal sealed class BatchResults(DetectorOptions options)
{
    /// <summary>Stands for the input's name.</summary>
    public const string Placeholder = "{name}";

    /// <summary>The final names of an input's results. A folder of pictures ends like one.</summary>
    public IReadOnlyList<string> Of(BatchInput input) => [.. Named(input).ResultFiles];

    /// <summary>Makes sure that an input's results are called what they will be.</summary>
    public void CheckEndings(BatchInput input) => Named(input).CheckEndings();

    /// <summary>Whether an input was done before.</summary>
    public bool AreThere(BatchInput input) => Of(input) is { Count: > 0 } results && results.All(Path.Exists);

    /// <summary>Whether annotated videos or pictures would lie within a folder.</summary>
    public bool PutsPicturesInto(string folder) =>
        options.Output is { } output && OutputFiles.IsWithin(folder, Pattern(output, ""));

    /// <summary>The options of an input's run, which writes beside the final names, over what a killed run left there;
    /// makes the folders.</summary>
    public DetectorOptions Begin(BatchInput input)
    {
        foreach (string result in Of(input))
        {
            OutputFiles.CreateFolderOf(Path.TrimEndingDirectorySeparator(result));
        }

        return Named(input).WithResults((result, _) => Beside(result), input.OutputEnding) with { Force = true };
    }

    /// <summary>Gives results their final names.</summary>
    public void Finish(BatchInput input)
    {
        foreach (string result in Of(input))
        {
            Move(Beside(result), result);
        }
    }

    // What is there already stays, unless it shall be replaced.
    private void Move(string from, string to)
    {
        if (!Path.Exists(from))
        {
            return;    // a video without a frame
        }

        if (!Path.Exists(to))
        {
            AtomicFile.Replace(from, to, Directory.Move);    // a file too
        }
        else if (Directory.Exists(from))
        {
            foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
            {
                string target = Path.Combine(to, Path.GetRelativePath(from, file));
                OutputFiles.CreateFolderOf(target);
                Move(file, target);
            }

            Directory.Delete(from, recursive: true);
        }
        else if (options.Force)
        {
            AtomicFile.Replace(from, AtomicFile.TargetOf(to));
        }
        else
        {
            File.Delete(from);
        }
    }

    private DetectorOptions Named(BatchInput input) => options.WithResults(
        (option, ending) => Pattern(option, ending).Replace(Placeholder, input.Name, StringComparison.Ordinal), input.OutputEnding);

    private static string Pattern(string option, string ending) => option switch
    {
        OutputFiles.StandardOutput => throw new UsageException("standard output can take the events of one input; name a folder for several inputs."),
        _ when option.Contains(Placeholder, StringComparison.Ordinal) => option,
        _ when Path.HasExtension(option) && !Directory.Exists(option) =>
            throw new UsageException($"{option}: one file for several inputs. Name a folder, or a file with {Placeholder} in it, such as 'results/{Placeholder}{Path.GetExtension(option)}'."),
        _ => Path.Combine(option, Placeholder + ending),
    };

    // The ending stays: it says what is written.
    private static string Beside(string result) => Path.EndsInDirectorySeparator(result)
        ? $"{Path.TrimEndingDirectorySeparator(result)}.partial/"
        : Path.ChangeExtension(result, ".partial" + Path.GetExtension(result));
}
