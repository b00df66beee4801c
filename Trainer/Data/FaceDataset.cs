using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetEmotion.Trainer.Augmentation;

namespace MlNetEmotion.Trainer.Data;

/// <summary>Settings for loading a data view into memory.</summary>
internal sealed record LoadOptions
{
    /// <summary>The files of people's votes on the images; empty for labels only.</summary>
    public IReadOnlyList<string> Votes { get; init; } = [];

    /// <summary>Describes, for a warning, how images without votes count.</summary>
    public string WithoutVotes { get; init; } = "are left out of the figures by votes";

    public CancellationToken CancellationToken { get; init; }
}

/// <summary>Labelled faces in memory. Immutable and thread-safe.</summary>
internal sealed record FaceDataset
{
    private FaceDataset(string name, byte[] pixels, Emotion[] labels, string[] sources, Split[] splits)
    {
        (Name, Pixels, Labels, Sources, Splits) = (name, pixels, labels, sources, splits);
        ClassCounts = [.. Enum.GetValues<Emotion>().Select(emotion => labels.Count(label => label == emotion))];
    }

    /// <summary>The origin of the faces, for messages and model cards.</summary>
    public string Name { get; }

    /// <summary>The number of faces.</summary>
    public int Count => Labels.Count;

    /// <summary>All faces: uint8 [count, 48, 48], gray.</summary>
    public ReadOnlyMemory<byte> Pixels { get; private init; }

    /// <summary>The faces' classes, [count].</summary>
    public IReadOnlyList<Emotion> Labels { get; }

    /// <summary>The faces' origins, [count]: a path, or a path and a line.</summary>
    public IReadOnlyList<string> Sources { get; }

    /// <summary>The faces' splits, [count].</summary>
    public IReadOnlyList<Split> Splits { get; }

    /// <summary>People's votes on the faces, [count], null for faces without a rating; null if no face has votes.</summary>
    public IReadOnlyList<Votes?>? Votes { get; private init; }

    /// <summary>The boxes in which a detector found the faces, [count], null for faces not found; null if none were searched for.</summary>
    public IReadOnlyList<DetectorBox?>? Boxes { get; init; }

    /// <summary>The number of faces with a vote for at least one class.</summary>
    public int VotedCount => Votes?.Count(votes => votes?.Shares is not null) ?? 0;

    /// <summary>Faces per class, in index order.</summary>
    public IReadOnlyList<int> ClassCounts { get; }

    /// <summary>The images that could not be read and were skipped.</summary>
    public IReadOnlyList<UnreadableImage> Unreadable { get; private init; } = [];

    /// <summary>The source's warnings, and those about classes without a face, one line each.</summary>
    public IReadOnlyList<string> Warnings { get; private init; } = [];

    /// <summary>Returns a face: uint8 [48, 48], gray, row-major.</summary>
    public ReadOnlySpan<byte> Face(int index) => Pixels.Span.Slice(index * FacePreprocessor.PixelCount, FacePreprocessor.PixelCount);

    /// <summary>Loads every row of a view.</summary>
    /// <exception cref="InvalidDataException">An image can't be read and the view does not skip it, or there are more faces than an array can hold.</exception>
    /// <exception cref="ArgumentException">The view's columns differ from those of <see cref="FaceDataView"/>.</exception>
    /// <exception cref="OperationCanceledException">Loading was stopped.</exception>
    public static FaceDataset Load(IDataView view, LoadOptions? options = null)
    {
        options ??= new LoadOptions();
        LabelKeys.CheckForTraining(view.Schema);
        var unreadable = new List<UnreadableImage>();
        FaceDataView? source = view as FaceDataView;
        IDataView read = source?.Skip is { } skip ? source with { Skip = skip + unreadable.Add } : view;

        var (pixels, labels, sources, splits) = (new List<byte[]>(), new List<Emotion>(), new List<string>(), new List<Split>());
        foreach (InputRow row in new MLContext().Data.CreateEnumerable<InputRow>(read, reuseRowObject: true, ignoreMissingColumns: true))
        {
            options.CancellationToken.ThrowIfCancellationRequested();
            sources.Add(row.Source ?? $"row {sources.Count}");
            labels.Add(row.Label is >= 1 and <= Emotions.Count ? (Emotion)(row.Label - 1) : throw new InvalidDataException($"{sources[^1]}: its label is missing"));
            pixels.Add(ToBytes(row.Face, sources[^1]));
            splits.Add(SplitNames.TryParse(row.Split ?? "", out Split split) ? split : Split.Unspecified);
        }

        var dataset = new FaceDataset(source?.Name ?? "data", Concat(pixels), [.. labels], [.. sources], [.. splits]);
        IEnumerable<string> missing = DatasetNotices.Missing(dataset.Name, labels.Contains);
        IEnumerable<string> remarks = sources.Select(path => (path, Remark: source?.RemarkOn(path))).Where(one => one.Remark is not null).Select(one => $"{one.path}: {one.Remark}");
        dataset = dataset with { Unreadable = unreadable, Warnings = [.. source?.Warnings ?? [], .. missing, .. remarks] };
        return options.Votes.Count == 0 || dataset.Count == 0 ? dataset
            : dataset.WithVotes(options.Votes, view, options.WithoutVotes);
    }

    /// <summary>Returns the same faces with people's votes.</summary>
    /// <param name="of">Returns a source's votes, or null.</param>
    public FaceDataset WithVotes(Func<string, Votes?> of)
    {
        Votes?[] found = [.. Sources.Select(of)];
        return this with { Votes = found.Any(votes => votes is not null) ? found : null };
    }

    /// <summary>Returns the same faces with additional warnings.</summary>
    public FaceDataset Warning(IEnumerable<string> more) => this with { Warnings = [.. Warnings, .. more] };

    /// <summary>Copies the target distribution of people's votes on a face, float32 [7]: the classes' shares, or the label if no class has a vote.</summary>
    public void CopyVotesTo(int index, Span<float> shares)
    {
        if (Votes is not null && Votes[index]?.Shares is float[] found)
        {
            found.CopyTo(shares);
            return;
        }

        shares.Clear();
        shares[(int)Labels[index]] = 1;
    }

    /// <summary>Returns the faces at some indices, in that order, without the unreadable images and warnings.</summary>
    public FaceDataset Select(IReadOnlyList<int> indices)
    {
        var chosen = new byte[checked(indices.Count * FacePreprocessor.PixelCount)];
        for (int i = 0; i < indices.Count; i++)
        {
            Face(indices[i]).CopyTo(chosen.AsSpan(i * FacePreprocessor.PixelCount));
        }

        return new FaceDataset(Name, chosen, Pick(Labels), Pick(Sources), Pick(Splits))
        {
            Votes = Votes is null ? null : Pick(Votes),
            Boxes = Boxes is null ? null : Pick(Boxes),
        };

        T[] Pick<T>(IReadOnlyList<T> values) => [.. indices.Select(i => values[i])];
    }

    /// <summary>Returns the faces and unreadable images of some splits, with all warnings.</summary>
    public FaceDataset OfSplits(params ReadOnlySpan<Split> chosen)
    {
        HashSet<Split> set = [.. chosen];
        return Select([.. Enumerable.Range(0, Count).Where(i => set.Contains(Splits[i]))]) with
        {
            Unreadable = [.. Unreadable.Where(image => set.Contains(image.Split))], Warnings = Warnings,
        };
    }

    /// <summary>Returns at most <paramref name="most"/> faces, evenly spaced over the dataset.</summary>
    public FaceDataset Subsample(int most)
    {
        int count = Math.Min(most, Count);
        return Select([.. Enumerable.Range(0, count).Select(i => (int)((long)i * Count / count))]);
    }

    /// <summary>Returns all faces except some, with all unreadable images and warnings.</summary>
    public FaceDataset Without(IEnumerable<int> indices) =>
        Select([.. Enumerable.Range(0, Count).Except(indices)]) with { Unreadable = Unreadable, Warnings = Warnings };

    /// <summary>Returns the same faces with other pixels, for example blurred ones: uint8 [count, 48, 48], not copied.</summary>
    public FaceDataset WithPixels(byte[] pixels) => pixels.Length == Pixels.Length
        ? this with { Pixels = pixels }
        : throw new ArgumentException($"{Count} faces have {Pixels.Length} pixels, got {pixels.Length}", nameof(pixels));

    /// <summary>
    /// Holds out the same share, between 0 and 1, of every class at random: at least one face of a class with two, and never all of a class. Both parts keep
    /// their order; unreadable images and warnings stay with the first.
    /// </summary>
    public (FaceDataset Kept, FaceDataset HeldOut) StratifiedSplit(double share, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(share, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(share, 1);
        var random = new SplitMix64(seed);
        var heldOut = new HashSet<int>();
        foreach (IGrouping<Emotion, int> members in Enumerable.Range(0, Count).GroupBy(i => Labels[i]).OrderBy(group => group.Key))
        {
            int[] order = [.. members];
            random.Shuffle(order);
            heldOut.UnionWith(order.Take(order.Length < 2 ? 0 : Math.Clamp((int)Math.Round(order.Length * share), 1, order.Length - 1)));
        }

        return (Without(heldOut), Select([.. heldOut.Order()]));
    }

    /// <summary>Returns the SHA-256 of the faces, labels and votes in this order: 64 hexadecimal digits.</summary>
    public string ContentHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Pixels.Span);
        hash.AppendData(MemoryMarshal.AsBytes<Emotion>(Labels.ToArray()));
        foreach (Votes? asked in Votes ?? [])
        {
            hash.AppendData([.. (asked is null ? [] : asked.Classes.Concat(asked.Others)).SelectMany(BitConverter.GetBytes)]);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static byte[] ToBytes(float[] face, string source)
    {
        if (face.Length != FacePreprocessor.PixelCount)
        {
            throw new ArgumentException($"{source}: column '{EmotionCatalog.FaceColumn}' has {face.Length} values, expected {FacePreprocessor.PixelCount}", nameof(face));
        }

        var bytes = new byte[face.Length];
        for (int i = 0; i < face.Length; i++)
        {
            bytes[i] = (byte)face[i] == face[i] ? (byte)face[i] : throw new InvalidDataException($"{source}: pixel {i} is {face[i]}, expected a whole number from 0 to 255");
        }

        return bytes;
    }

    private static byte[] Concat(List<byte[]> faces)
    {
        int limit = Array.MaxLength / FacePreprocessor.PixelCount;
        if (faces.Count > limit)
        {
            throw new InvalidDataException($"{faces.Count} faces, more than {limit} do not fit into one dataset");
        }

        var all = new byte[faces.Count * FacePreprocessor.PixelCount];
        for (int i = 0; i < faces.Count; i++)
        {
            faces[i].CopyTo(all, i * FacePreprocessor.PixelCount);
        }

        return all;
    }

    /// <summary>A row of a view; the last two columns are optional.</summary>
    private sealed class InputRow
    {
        [VectorType(FacePreprocessor.PixelCount)]
        public float[] Face { get; set; } = [];

        [KeyType(Emotions.Count)]
        public uint Label { get; set; }

        public string? Split { get; set; }

        public string? Source { get; set; }
    }
}
