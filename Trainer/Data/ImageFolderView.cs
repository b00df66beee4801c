using MlNetEmotion.CommandLine;

namespace MlNetEmotion.Trainer.Data;

/// <summary>
/// Image folders: <c>root/class/*</c>, or <c>root/{train,validation,test}/class/*</c>. Classes go by name, synonym or index,
/// whatever the case. Rows are sorted by path, ordinally; files are listed when the view is made and decoded when a row's
/// pixels are asked for.
/// </summary>
public sealed class ImageFolderView : IDataView
{
    private readonly List<string> warnings = [];
    private readonly List<Entry> entries = [];

    /// <summary>Lists a folder.</summary>
    /// <param name="root">The folder above the class or split folders.</param>
    /// <exception cref="UsageException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">It holds no class folder, or class folders beside split folders.</exception>
    public ImageFolderView(string root)
    {
        Name = root;
        if (!Directory.Exists(root))
        {
            throw new UsageException($"{root}: no such folder; expected one with {Expected}");
        }

        string[] children = SubfoldersOf(root);
        string[] splits = [.. children.Where(child => SplitNames.TryParse(Path.GetFileName(child), out _))];
        if (splits.Length == 0)
        {
            AddClasses(root, children, Split.Unspecified);
            return;
        }

        if (children.FirstOrDefault(child => Emotions.TryParse(Path.GetFileName(child), out _)) is { } classFolder)
        {
            throw new InvalidDataException(
                $"{root}: class folder '{Path.GetFileName(classFolder)}' beside split folder '{Path.GetFileName(splits[0])}'; "
                + "move the class folders into a split, or pass one split's folder");
        }

        foreach (string child in children)
        {
            if (SplitNames.TryParse(Path.GetFileName(child), out Split split))
            {
                AddClasses(child, SubfoldersOf(child), split);
            }
            else
            {
                warnings.Add($"{child}: ignored, the name is no split's");
            }
        }
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public DataSchema Schema => FaceColumns.Schema;

    /// <inheritdoc/>
    public long? RowCount => entries.Count;

    /// <inheritdoc/>
    public IReadOnlyList<string> Warnings => warnings;

    private static string Expected =>
        $"a folder a class ({string.Join(", ", Emotions.Labels)}), or 'train' and 'validation' with such folders inside";

    /// <inheritdoc/>
    public IEnumerable<DataRow> Rows() => entries.Select(entry =>
        FaceColumns.Row(entry.Path, entry.Split, () => entry.Label, entry.ListingError is { } error ? () => throw error : () => FaceDecoder.Read(entry.Path)));

    private void AddClasses(string parent, string[] folders, Split split)
    {
        int known = 0;
        foreach (string folder in folders)
        {
            if (Emotions.TryParse(Path.GetFileName(folder), out Emotion label))
            {
                known++;
                AddImages(folder, label, split);
            }
            else
            {
                warnings.Add($"{folder}: ignored, the name is no class's");
            }
        }

        if (known == 0)
        {
            string found = folders.Length == 0 ? "no folder" : string.Join(", ", folders.Take(10).Select(Path.GetFileName));
            throw new InvalidDataException($"{parent}: no class folder; expected {Expected}; found {found}");
        }
    }

    private void AddImages(string folder, Emotion label, Split split)
    {
        string[] children;
        try
        {
            children = Directory.GetFileSystemEntries(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            entries.Add(new Entry(folder, split, label, e));
            return;
        }

        Array.Sort(children, StringComparer.Ordinal);
        string[] ignored = [.. children.Where(child => !FaceDecoder.IsImageName(child))];
        entries.AddRange(children.Except(ignored).Select(path => new Entry(path, split, label, null)));
        if (ignored.Length > 0)
        {
            warnings.Add($"{folder}: {ignored.Length} ignored for having no image's name, first '{Path.GetFileName(ignored[0])}'");
        }
    }

    private static string[] SubfoldersOf(string folder)
    {
        string[] folders = Directory.GetDirectories(folder);
        Array.Sort(folders, StringComparer.Ordinal);
        return folders;
    }

    private readonly record struct Entry(string Path, Split Split, Emotion Label, Exception? ListingError);
}
