using MlNetEmotion.Programs;

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
        bool hasClasses = children.Any(child => Emotions.TryParse(Path.GetFileName(child), out _));
        bool hasSplits = children.Any(child => SplitNames.TryParse(Path.GetFileName(child), out _));
        if (hasClasses && hasSplits)
        {
            throw new InvalidDataException($"{root}: class folders beside split folders; move them into a split, or pass one split's folder");
        }

        hasClasses = hasSplits ? AddSplits(children) : AddClasses(children, Split.Unspecified);
        if (!hasClasses)
        {
            string found = children.Length == 0 ? "no folder" : string.Join(", ", children.Take(10).Select(Path.GetFileName));
            throw new InvalidDataException($"{root}: no class folder; expected {Expected}; found {found}");
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
    public IEnumerable<DataRow> Rows() => entries.Select(entry => FaceColumns.Row(
        entry.Path,
        entry.Split,
        () => entry.Label,
        () => entry.ListingError is null ? FaceDecoder.Read(entry.Path) : throw new IOException(entry.ListingError)));

    private bool AddSplits(string[] folders)
    {
        bool hasClasses = false;
        foreach (string folder in folders)
        {
            if (!SplitNames.TryParse(Path.GetFileName(folder), out Split split))
            {
                warnings.Add($"{folder}: ignored, the name is no split's");
            }
            else if (AddClasses(SubfoldersOf(folder), split))
            {
                hasClasses = true;
            }
            else
            {
                warnings.Add($"{folder}: ignored, no class folder inside");
            }
        }

        return hasClasses;
    }

    private bool AddClasses(string[] folders, Split split)
    {
        bool hasClasses = false;
        foreach (string folder in folders)
        {
            if (Emotions.TryParse(Path.GetFileName(folder), out Emotion label))
            {
                hasClasses = true;
                AddImages(folder, label, split);
            }
            else
            {
                warnings.Add($"{folder}: ignored, the name is no class's");
            }
        }

        return hasClasses;
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
            entries.Add(new Entry(folder, split, label, e.Message));
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

    private readonly record struct Entry(string Path, Split Split, Emotion Label, string? ListingError);
}
