using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetEmotion.Imaging;
using MlNetEmotion.Programs;

namespace MlNetEmotion.Trainer.Data;

/// <summary>How a data view is read into memory.</summary>
internal sealed record LoadOptions
{
    /// <summary>Gets whether an unreadable image is an error even where the view would skip it.</summary>
    public bool Strict { get; init; }

    /// <summary>Gets the files of people's votes on the images; none for labels alone.</summary>
    public IReadOnlyList<string> Votes { get; init; } = [];

    /// <summary>Gets how images without votes count, where others have some.</summary>
    public string WithoutVotes { get; init; } = "are left out of the figures by votes";

    /// <summary>Gets who is told now and then how far loading has come, on the loading thread.</summary>
    public IProgress<LoadProgress>? Progress { get; init; }

    /// <summary>Gets what stops loading.</summary>
    public CancellationToken CancellationToken { get; init; }
}

/// <summary>How far loading has come: images read, images skipped, and how many there are, where that is known.</summary>
internal readonly record struct LoadProgress(int Read, int Unreadable, long? Total);

/// <summary>Labelled faces in memory. Immutable and thread-safe.</summary>
internal sealed class FaceDataset
{
    private const int ReportEvery = 256;

    private readonly byte[] pixels;
    private readonly Emotion[] labels;
    private readonly string[] sources;
    private readonly Split[] splits;

    private FaceDataset(string name, byte[] pixels, Emotion[] labels, string[] sources, Split[] splits)
    {
        Name = name;
        this.pixels = pixels;
        this.labels = labels;
        this.sources = sources;
        this.splits = splits;
        ClassCounts = [.. Enum.GetValues<Emotion>().Select(emotion => labels.Count(label => label == emotion))];
    }

    /// <summary>Gets where the faces come from, for messages and model cards.</summary>
    public string Name { get; }

    /// <summary>Gets how many faces there are.</summary>
    public int Count => labels.Length;

    /// <summary>Gets all faces: uint8 [count, 48, 48], gray.</summary>
    public ReadOnlyMemory<byte> Pixels => pixels;

    /// <summary>Gets the faces' classes, [count].</summary>
    public IReadOnlyList<Emotion> Labels => labels;

    /// <summary>Gets where the faces come from, [count].</summary>
    public IReadOnlyList<string> Sources => sources;

    /// <summary>Gets what the faces are for, [count].</summary>
    public IReadOnlyList<Split> Splits => splits;

    /// <summary>Gets what people saw in the faces, [count], null for those that nobody was asked about; null where there are no votes at all.</summary>
    public IReadOnlyList<Votes?>? Votes { get; private init; }

    /// <summary>Gets how many faces have a vote for a class.</summary>
    public int VotedCount => Votes?.Count(votes => votes?.Shares is not null) ?? 0;

    /// <summary>Gets how many faces each class has, in index order.</summary>
    public IReadOnlyList<int> ClassCounts { get; }

    /// <summary>Gets what could not be read and was skipped.</summary>
    public IReadOnlyList<UnreadableImage> Unreadable { get; private init; } = [];

    /// <summary>Gets what the source left out and why, and which classes have no face, a line each.</summary>
    public IReadOnlyList<string> Warnings { get; private init; } = [];

    /// <summary>One face: uint8 [48, 48], gray, row-major.</summary>
    public ReadOnlySpan<byte> Face(int index) => pixels.AsSpan(index * FacePreprocessor.PixelCount, FacePreprocessor.PixelCount);

    /// <summary>Reads every row of a view.</summary>
    /// <exception cref="InvalidDataException">An image can't be read and the view does not skip it, or there are more faces than an array holds.</exception>
    /// <exception cref="ArgumentException">The view has other columns than <see cref="FaceDataView"/>.</exception>
    /// <exception cref="OperationCanceledException">Loading was stopped.</exception>
    public static FaceDataset Load(IDataView view, LoadOptions? options = null)
    {
        options ??= new LoadOptions();
        LabelKeys.CheckForTraining(view.Schema);
        var unreadable = new List<UnreadableImage>();
        FaceDataView? source = view as FaceDataView;
        IDataView read = source?.Skip is { } skip ? source.Skipping(options.Strict ? null : skip + unreadable.Add) : view;

        var (pixels, labels, sources, splits) = (new List<byte[]>(), new List<Emotion>(), new List<string>(), new List<Split>());
        foreach (InputRow row in new MLContext().Data.CreateEnumerable<InputRow>(read, reuseRowObject: true, ignoreMissingColumns: true))
        {
            options.CancellationToken.ThrowIfCancellationRequested();
            sources.Add(row.Source ?? $"row {sources.Count}");
            labels.Add(row.Label is >= 1 and <= Emotions.Count ? (Emotion)(row.Label - 1) : throw new InvalidDataException($"{sources[^1]}: its label is missing"));
            pixels.Add(ToBytes(row.Face, sources[^1]));
            splits.Add(SplitNames.TryParse(row.Split ?? "", out Split split) ? split : Split.Unspecified);
            if ((pixels.Count + unreadable.Count) % ReportEvery == 0)
            {
                options.Progress?.Report(new LoadProgress(pixels.Count, unreadable.Count, view.GetRowCount()));
            }
        }

        options.Progress?.Report(new LoadProgress(pixels.Count, unreadable.Count, pixels.Count + unreadable.Count));
        var dataset = new FaceDataset(source?.Name ?? "data", Concat(pixels), [.. labels], [.. sources], [.. splits]);
        IEnumerable<string> missing = DatasetNotices.Missing(dataset.Name, labels.Contains);
        IEnumerable<string> remarks = sources.Select(path => (path, Remark: source?.RemarkOn(path))).Where(one => one.Remark is not null).Select(one => DatasetNotices.Remark(one.path, one.Remark!));
        dataset = dataset.With(unreadable, [.. source?.Warnings ?? [], .. missing, .. remarks]);
        return options.Votes.Count == 0 || dataset.Count == 0 ? dataset
            : dataset.WithVotes(options.Votes, [.. unreadable.Select(image => image.Source), .. source?.AllRows().Select(row => row.Source) ?? []], options.WithoutVotes);
    }

    /// <summary>The same faces with people's votes.</summary>
    /// <param name="of">Finds a source's votes; null for none.</param>
    public FaceDataset WithVotes(Func<string, Votes?> of)
    {
        Votes?[] found = [.. sources.Select(of)];
        return new FaceDataset(Name, pixels, labels, sources, splits) { Votes = found.Any(votes => votes is not null) ? found : null }.With(Unreadable, Warnings);
    }

    /// <summary>The same faces with more to say on them.</summary>
    public FaceDataset Warning(IEnumerable<string> more) => With(Unreadable, [.. Warnings, .. more]);

    /// <summary>How people vote on a face, float32 [7]: the classes' shares, or where no class got a vote, all for its label.</summary>
    public void CopyVotesTo(int index, Span<float> shares)
    {
        if (Votes is not null && Votes[index]?.Shares is float[] found)
        {
            found.CopyTo(shares);
            return;
        }

        shares.Clear();
        shares[(int)labels[index]] = 1;
    }

    /// <summary>The faces as ML.NET reads them.</summary>
    public IDataView ToDataView() => new FaceDataView(
        Name, Warnings, () => Enumerable.Range(0, Count).Select(i => new FaceRow(sources[i], splits[i], () => labels[i], () => Face(i).ToArray())), Count);

    /// <summary>Some of the faces, in a given order. What was unreadable and the warnings stay with the whole.</summary>
    public FaceDataset Select(IReadOnlyList<int> indices)
    {
        var chosen = new byte[checked(indices.Count * FacePreprocessor.PixelCount)];
        for (int i = 0; i < indices.Count; i++)
        {
            Face(indices[i]).CopyTo(chosen.AsSpan(i * FacePreprocessor.PixelCount));
        }

        return new FaceDataset(Name, chosen, Pick(labels), Pick(sources), Pick(splits)) { Votes = Votes is null ? null : [.. indices.Select(i => Votes[i])] };

        T[] Pick<T>(T[] values) => [.. indices.Select(i => values[i])];
    }

    /// <summary>The faces of some splits, and what was unreadable of those. The warnings stay.</summary>
    public FaceDataset OfSplits(params ReadOnlySpan<Split> chosen)
    {
        HashSet<Split> set = [.. chosen];
        return Select([.. Enumerable.Range(0, Count).Where(i => set.Contains(splits[i]))])
            .With([.. Unreadable.Where(image => set.Contains(image.Split))], Warnings);
    }

    /// <summary>A few faces, evenly spread over the dataset: so many at most.</summary>
    public FaceDataset Spread(int most)
    {
        int count = Math.Min(most, Count);
        return Select([.. Enumerable.Range(0, count).Select(i => (int)((long)i * Count / count))]);
    }

    /// <summary>All faces but some. What was unreadable and the warnings stay.</summary>
    public FaceDataset Without(IEnumerable<int> indices) =>
        Select([.. Enumerable.Range(0, Count).Except(indices)]).With(Unreadable, Warnings);

    /// <summary>The same faces with other pixels, for example blurred ones: uint8 [count, 48, 48], taken over.</summary>
    public FaceDataset WithPixels(byte[] pixels) => pixels.Length == this.pixels.Length
        ? new FaceDataset(Name, pixels, labels, sources, splits) { Votes = Votes }.With(Unreadable, Warnings)
        : throw new ArgumentException($"{Count} faces have {this.pixels.Length} pixels, got {pixels.Length}", nameof(pixels));

    /// <summary>
    /// Takes the same share, between 0 and 1, out of every class, by chance: at least one face of a class that has two, and never all of a class.
    /// Order is kept in both parts; what was unreadable and the warnings
    /// stay with the kept one.
    /// </summary>
    public (FaceDataset Kept, FaceDataset HeldOut) HoldOut(double share, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(share, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(share, 1);
        var random = new SplitMix64(seed);
        var heldOut = new HashSet<int>();
        foreach (IGrouping<Emotion, int> members in Enumerable.Range(0, Count).GroupBy(i => labels[i]).OrderBy(group => group.Key))
        {
            int[] order = [.. members];
            random.Shuffle(order);
            heldOut.UnionWith(order.Take(order.Length < 2 ? 0 : Math.Clamp((int)Math.Round(order.Length * share), 1, order.Length - 1)));
        }

        return (Without(heldOut), Select([.. heldOut.Order()]));
    }

    /// <summary>A name for exactly these faces, labels and votes in this order: 64 hexadecimal digits (SHA-256).</summary>
    public string ContentHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(pixels);
        hash.AppendData(MemoryMarshal.AsBytes<Emotion>(labels));
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
            throw new ArgumentException($"{source}: column '{FaceDataView.FaceColumn}' has {face.Length} values, expected {FacePreprocessor.PixelCount}", nameof(face));
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

    private FaceDataset With(IReadOnlyList<UnreadableImage> unreadable, IReadOnlyList<string> warnings) =>
        new(Name, pixels, labels, sources, splits) { Votes = Votes, Unreadable = unreadable, Warnings = warnings };

    /// <summary>What is read of a view; the last two columns may be missing.</summary>
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
