using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using MlNetEmotion.Imaging;
using MlNetEmotion.Trainer.Augmentation;

namespace MlNetEmotion.Trainer.Data;

/// <summary>Labelled faces in memory: a materialized data view. Immutable and thread-safe.</summary>
public sealed class FaceDataset : IDataView
{
    private readonly byte[] pixels;
    private readonly Emotion[] labels;
    private readonly string[] sources;
    private readonly Split[] splits;

    private FaceDataset(
        string name,
        byte[] pixels,
        Emotion[] labels,
        string[] sources,
        Split[] splits,
        IReadOnlyList<UnreadableImage> unreadable,
        IReadOnlyList<string> warnings)
    {
        Name = name;
        this.pixels = pixels;
        this.labels = labels;
        this.sources = sources;
        this.splits = splits;
        Unreadable = unreadable;
        Warnings = warnings;
        ClassCounts = [.. Enum.GetValues<Emotion>().Select(emotion => labels.Count(label => label == emotion))];
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>How many faces there are.</summary>
    public int Count => labels.Length;

    /// <summary>All faces: uint8 [count, 48, 48], gray.</summary>
    public ReadOnlyMemory<byte> Pixels => pixels;

    /// <summary>The faces' classes, [count].</summary>
    public IReadOnlyList<Emotion> Labels => labels;

    /// <summary>Where the faces come from, [count].</summary>
    public IReadOnlyList<string> Sources => sources;

    /// <summary>What could not be read and was skipped.</summary>
    public IReadOnlyList<UnreadableImage> Unreadable { get; }

    /// <summary>How many faces each class has, in index order.</summary>
    public IReadOnlyList<int> ClassCounts { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Warnings { get; }

    DataSchema IDataView.Schema => FaceColumns.Schema;

    long? IDataView.RowCount => Count;

    /// <summary>One face: uint8 [48, 48], gray, row-major.</summary>
    /// <param name="index">From 0 to <see cref="Count"/> - 1.</param>
    public ReadOnlySpan<byte> Face(int index) => pixels.AsSpan(index * FacePreprocessor.PixelCount, FacePreprocessor.PixelCount);

    /// <summary>Reads every row of a view, on all processors.</summary>
    /// <param name="view">A view of labelled faces.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <exception cref="InvalidDataException">An image can't be read and the options are strict, or there are more faces than an array holds.</exception>
    /// <exception cref="OperationCanceledException">Loading was stopped.</exception>
    public static FaceDataset Load(IDataView view, LoadOptions? options = null)
    {
        options ??= new LoadOptions();
        var faces = new List<LoadedFace>();
        var unreadable = new List<UnreadableImage>();
        try
        {
            ParallelQuery<DataRow> rows = view.Rows().AsParallel().AsOrdered().WithCancellation(options.CancellationToken);
            foreach (LoadedFace face in rows.Select(LoadedFace.Read))
            {
                if (face.Error is null)
                {
                    faces.Add(face);
                }
                else if (!options.Strict)
                {
                    unreadable.Add(new UnreadableImage(face.Source, face.Error));
                }
                else
                {
                    throw new InvalidDataException($"{face.Source}: {face.Error}");
                }

                Report(options.Progress, faces.Count, unreadable.Count, view.RowCount);
            }
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }

        options.Progress?.Report(new LoadProgress(faces.Count, unreadable.Count, faces.Count + unreadable.Count));
        return Make(view, faces, unreadable);
    }

    /// <summary>Some of the faces, in a given order. What was unreadable stays with the whole.</summary>
    /// <param name="indices">Indices into this dataset.</param>
    public FaceDataset Select(IReadOnlyList<int> indices) => Select(indices, [], []);

    /// <summary>A few faces, evenly spread over the dataset.</summary>
    /// <param name="most">How many; all where there are fewer.</param>
    internal FaceDataset Spread(int most)
    {
        int count = Math.Min(most, Count);
        return Select([.. Enumerable.Range(0, count).Select(i => (int)((long)i * Count / count))]);
    }

    /// <summary>All faces but some. What was unreadable and the warnings stay.</summary>
    /// <param name="indices">Indices into this dataset of the faces to leave out.</param>
    public FaceDataset Without(IEnumerable<int> indices) =>
        Select([.. Enumerable.Range(0, Count).Except(indices)], Unreadable, Warnings);

    /// <summary>The same faces with other pixels, for example blurred ones.</summary>
    /// <param name="pixels">uint8 [count, 48, 48], gray; taken over.</param>
    /// <exception cref="ArgumentException">They are not 2304 a face.</exception>
    internal FaceDataset WithPixels(byte[] pixels) => pixels.Length == this.pixels.Length
        ? new FaceDataset(Name, pixels, labels, sources, splits, Unreadable, Warnings)
        : throw new ArgumentException($"{Count} faces have {this.pixels.Length} pixels, got {pixels.Length}", nameof(pixels));

    /// <summary>
    /// Takes the same share out of every class, by chance. Order is kept in both parts; what was unreadable and the warnings
    /// stay with the kept one.
    /// </summary>
    /// <param name="share">How much to take out, between 0 and 1.</param>
    /// <param name="seed">The same seed takes the same faces.</param>
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
            heldOut.UnionWith(order.Take((int)Math.Round(order.Length * share)));
        }

        ILookup<bool, int> parts = Enumerable.Range(0, Count).ToLookup(heldOut.Contains);
        return (Select([.. parts[false]], Unreadable, Warnings), Select([.. parts[true]]));
    }

    /// <summary>A name for exactly these faces and labels in this order: 64 hexadecimal digits (SHA-256).</summary>
    public string ContentHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(pixels);
        hash.AppendData(MemoryMarshal.AsBytes<Emotion>(labels));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    IEnumerable<DataRow> IDataView.Rows() => Enumerable.Range(0, Count).Select(i =>
        FaceColumns.Row(sources[i], splits[i], () => labels[i], () => Face(i).ToArray()));

    private FaceDataset Select(IReadOnlyList<int> indices, IReadOnlyList<UnreadableImage> unreadable, IReadOnlyList<string> warnings)
    {
        var chosen = new byte[checked(indices.Count * FacePreprocessor.PixelCount)];
        for (int i = 0; i < indices.Count; i++)
        {
            Face(indices[i]).CopyTo(chosen.AsSpan(i * FacePreprocessor.PixelCount));
        }

        return new FaceDataset(
            Name,
            chosen,
            [.. indices.Select(i => labels[i])],
            [.. indices.Select(i => sources[i])],
            [.. indices.Select(i => splits[i])],
            unreadable,
            warnings);
    }

    private static FaceDataset Make(IDataView view, List<LoadedFace> faces, List<UnreadableImage> unreadable)
    {
        int limit = Array.MaxLength / FacePreprocessor.PixelCount;
        if (faces.Count > limit)
        {
            throw new InvalidDataException($"{faces.Count} faces, more than {limit} do not fit into one dataset");
        }

        var all = new byte[faces.Count * FacePreprocessor.PixelCount];
        for (int i = 0; i < faces.Count; i++)
        {
            faces[i].Pixels.CopyTo(all, i * FacePreprocessor.PixelCount);
        }

        Emotion[] allLabels = [.. faces.Select(face => face.Label)];
        IEnumerable<Emotion> missing = Enum.GetValues<Emotion>().Except(allLabels);
        return new FaceDataset(
            view.Name,
            all,
            allLabels,
            [.. faces.Select(face => face.Source)],
            [.. faces.Select(face => face.Split)],
            unreadable,
            [.. view.Warnings, .. missing.Select(emotion => $"{view.Name}: no image of class {emotion}")]);
    }

    private static void Report(IProgress<LoadProgress>? progress, int read, int unreadable, long? total)
    {
        if ((read + unreadable) % 256 == 0)
        {
            progress?.Report(new LoadProgress(read, unreadable, total));
        }
    }

    private readonly record struct LoadedFace(byte[] Pixels, Emotion Label, Split Split, string Source, string? Error)
    {
        public static LoadedFace Read(DataRow row)
        {
            string source = row.Get(FaceColumns.Source);
            Split split = row.Get(FaceColumns.Split);
            try
            {
                return new LoadedFace(row.Get(FaceColumns.Pixels), row.Get(FaceColumns.Label), split, source, null);
            }
            catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                return new LoadedFace([], default, split, source, e.Message);
            }
        }
    }
}
