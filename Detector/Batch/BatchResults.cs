using MlNetEmotion.Detector.Running;

namespace MlNetEmotion.Detector.Batch;

/// <summary>The result files of many inputs. An option names a folder, or a file with <c>{name}</c> in it. Results are written under temporary names and
/// renamed when the input is done, so that a file under its final name is complete even if the program is killed.</summary>
internal sealed class BatchResults(DetectorOptions options)
{
    /// <summary>The final paths of an input's results; the path of a folder of images ends with a separator.</summary>
    public IReadOnlyList<string> Of(BatchInput input) => [.. Named(input).ResultFiles];

    /// <summary>Checks that each result path of an input has the extension of its format.</summary>
    public void CheckEndings(BatchInput input) => Named(input).CheckEndings();

    /// <summary>Whether all results of an input exist.</summary>
    public bool AreThere(BatchInput input) => Of(input) is { Count: > 0 } results && results.All(Path.Exists);

    /// <summary>Whether annotated videos or images would be written into a folder.</summary>
    public bool PutsImagesInto(string folder) =>
        options.Output is { } output && OutputFiles.IsWithin(folder, Pattern(output, ""));

    /// <summary>Creates the folders of an input's results and returns the options of its run, which writes to the temporary paths and overwrites what a killed
    /// run left there.</summary>
    public DetectorOptions Begin(BatchInput input)
    {
        foreach (string result in Of(input))
        {
            OutputFiles.CreateFolderOf(Path.TrimEndingDirectorySeparator(result));
        }

        return Named(input).WithResults((result, _) => Beside(result), input.OutputEnding) with { Force = true };
    }

    /// <summary>Renames the results of an input to their final names.</summary>
    public void Finish(BatchInput input)
    {
        foreach (string result in Of(input))
        {
            Move(Beside(result), result);
        }
    }

    // An existing file is kept unless --force is given.
    private void Move(string from, string to)
    {
        if (!Path.Exists(from))
        {
            return;    // a video without a frame
        }

        if (!Path.Exists(to))
        {
            AtomicFile.Replace(from, to, Directory.Move);    // moves files, too
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
        (option, ending) => Pattern(option, ending).Replace(DetectorOptions.NamePlaceholder, input.Name, StringComparison.Ordinal), input.OutputEnding);

    private static string Pattern(string option, string ending) => option switch
    {
        OutputFiles.StandardOutput => throw new UsageException("standard output can take the events of one input; name a folder for several inputs."),
        _ when option.Contains(DetectorOptions.NamePlaceholder, StringComparison.Ordinal) => option,
        _ when Path.HasExtension(option) && !Directory.Exists(option) =>
            throw new UsageException($"{option}: one file for several inputs. Name a folder, or a file with {DetectorOptions.NamePlaceholder} in it, such as 'results/{DetectorOptions.NamePlaceholder}{Path.GetExtension(option)}'."),
        _ => Path.Combine(option, DetectorOptions.NamePlaceholder + ending),
    };

    // The extension is kept because it selects the format.
    private static string Beside(string result) => Path.EndsInDirectorySeparator(result)
        ? $"{Path.TrimEndingDirectorySeparator(result)}.partial/"
        : Path.ChangeExtension(result, ".partial" + Path.GetExtension(result));
}
