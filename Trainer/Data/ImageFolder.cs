using System.Collections.Concurrent;
using MlNetEmotion.Images;
using MlNetEmotion.Programs.Images;

namespace MlNetEmotion.Trainer.Data;

/// <summary>
/// Image folders: <c>root/class/**</c>, or <c>root/{train,validation,test}/class/**</c>. Classes are recognized by name, synonym or index, ignoring case.
/// Files are listed when the folder is opened, sorted by path (ordinal), and decoded when a row's pixels are read.
/// </summary>
internal sealed class ImageFolder(ClassNames classes)
{
    /// <summary>The expected layout, for messages.</summary>
    public static readonly string Expected = $"one folder per class ({string.Join(", ", Emotions.Labels)}), or 'train' and 'validation' with such folders inside";

    private readonly List<string> warnings = [];
    private readonly List<FaceRow> rows = [];

    // By path; written by many threads while files are read.
    private readonly ConcurrentDictionary<string, string> remarks = new();

    /// <summary>Lists a folder.</summary>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="InvalidDataException">It is a file, there is no class folder, class folders are mixed with split folders, or class names could be
    /// misread.</exception>
    public static FaceDataView Open(string root, ClassNames? classes = null)
    {
        if (!Directory.Exists(root))
        {
            throw File.Exists(root)
                ? new InvalidDataException($"{root}: a file whose name does not end in .csv; expected FER2013's CSV, or a folder with {Expected}")
                : new DirectoryNotFoundException($"{root}: no such folder; expected one with {Expected}");
        }

        classes ??= new ClassNames();
        var folder = new ImageFolder(classes);
        string[] children = Sorted(Directory.GetDirectories(root));
        string[] splits = [.. children.Where(child => SplitNames.TryParse(Path.GetFileName(child), out _))];
        if (splits.Length > 0 && children.Any(child => classes.TryParse(Path.GetFileName(child), out _)))
        {
            throw new InvalidDataException($"{root}: class folders beside split folders; move them into a split, or pass one split's folder");
        }

        string[] names = [.. (splits.Length > 0 ? splits.SelectMany(Directory.GetDirectories) : children).Select(child => Path.GetFileName(child))];
        if (classes.Check(root, names) is { } assumed)
        {
            folder.warnings.Add(assumed);
        }

        bool hasClasses = splits.Length > 0 ? folder.AddSplits(children) : folder.AddClasses(children, Split.Unspecified);
        if (!hasClasses)
        {
            string found = children.Length == 0 ? "no folder" : string.Join(", ", children.Take(10).Select(Path.GetFileName));
            throw new InvalidDataException($"{root}: no class folder; expected {Expected}; found {found}");
        }

        return new FaceDataView(root, folder.warnings, () => folder.rows, folder.rows.Count) { IsListed = true, RemarkOn = folder.remarks.GetValueOrDefault, HasSplits = splits.Length > 0 };
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
            if (!classes.TryParse(Path.GetFileName(folder), out Emotion? label))
            {
                warnings.Add($"{folder}: ignored, the name is no class's");
            }
            else if (label is { } known)
            {
                hasClasses = true;
                AddImages(folder, known, split);
            }
        }

        return hasClasses;
    }

    private void AddImages(string folder, Emotion label, Split split)
    {
        IReadOnlyList<string> files = ImageFiles.Files(folder, (path, reason) =>
            rows.Add(new FaceRow(path, split, () => label, () => throw new IOException(reason))));
        ILookup<bool, string> isImage = Sorted(files).ToLookup(ImageFiles.IsImage);
        rows.AddRange(isImage[true].Select(path => new FaceRow(path, split, () => label, () => Read(path))));
        if (isImage[false].Any())
        {
            warnings.Add($"{folder}: {isImage[false].Count()} ignored for having no image's name, first '{Path.GetRelativePath(folder, isImage[false].First())}'");
        }
    }

    private byte[] Read(string path)
    {
        byte[] face = ImageFile.ReadFace(path, out string? remark);
        if (remark is not null)
        {
            remarks[path] = remark;
        }

        return face;
    }

    private static string[] Sorted(IEnumerable<string> paths) => [.. paths.Order(StringComparer.Ordinal)];
}
