using MlNetEmotion.Programs;

namespace MlNetEmotion.Trainer.Data;

/// <summary>
/// Image folders: <c>root/class/*</c>, or <c>root/{train,validation,test}/class/*</c>. Classes go by name, synonym or index,
/// whatever the case. Rows are sorted by path, ordinally; files are listed when the folder is opened and decoded when a row's
/// pixels are asked for.
/// </summary>
internal sealed class ImageFolder
{
    private readonly List<string> warnings = [];
    private readonly List<FaceRow> rows = [];

    /// <summary>Lists a folder.</summary>
    /// <exception cref="UsageException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">It holds no class folder, or class folders beside split folders.</exception>
    public static FaceDataView Open(string root)
    {
        string expected = $"a folder a class ({string.Join(", ", Emotions.Labels)}), or 'train' and 'validation' with such folders inside";
        if (!Directory.Exists(root))
        {
            throw new UsageException($"{root}: no such folder; expected one with {expected}");
        }

        string[] children = Sorted(Directory.GetDirectories(root));
        bool hasSplits = children.Any(child => SplitNames.TryParse(Path.GetFileName(child), out _));
        if (hasSplits && children.Any(child => Emotions.TryParse(Path.GetFileName(child), out _)))
        {
            throw new InvalidDataException($"{root}: class folders beside split folders; move them into a split, or pass one split's folder");
        }

        var folder = new ImageFolder();
        bool hasClasses = hasSplits ? folder.AddSplits(children) : folder.AddClasses(children, Split.Unspecified);
        if (!hasClasses)
        {
            string found = children.Length == 0 ? "no folder" : string.Join(", ", children.Take(10).Select(Path.GetFileName));
            throw new InvalidDataException($"{root}: no class folder; expected {expected}; found {found}");
        }

        return new FaceDataView(root, folder.warnings, () => folder.rows, folder.rows.Count);
    }

    private bool AddSplits(string[] folders)
    {
        bool hasClasses = false;
        foreach (string folder in folders)
        {
            if (!SplitNames.TryParse(Path.GetFileName(folder), out Split split))
            {
                warnings.Add($"{folder}: ignored, the name is no split's");
            }
            else if (AddClasses(Sorted(Directory.GetDirectories(folder)), split))
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
            children = Sorted(Directory.GetFileSystemEntries(folder));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            rows.Add(new FaceRow(folder, split, () => label, () => throw new IOException(e.Message, e)));
            return;
        }

        ILookup<bool, string> isImage = children.ToLookup(ImageFile.IsImageName);
        rows.AddRange(isImage[true].Select(path => new FaceRow(path, split, () => label, () => ImageFile.ReadFace(path))));
        if (isImage[false].Any())
        {
            warnings.Add($"{folder}: {isImage[false].Count()} ignored for having no image's name, first '{Path.GetFileName(isImage[false].First())}'");
        }
    }

    private static string[] Sorted(string[] paths) => [.. paths.Order(StringComparer.Ordinal)];
}
