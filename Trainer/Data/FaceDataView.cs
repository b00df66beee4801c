using System.Runtime.ExceptionServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetEmotion.Imaging;

namespace MlNetEmotion.Trainer.Data;

/// <summary>An image that was skipped.</summary>
/// <param name="Source">Its path, or its file and line.</param>
/// <param name="Reason">Why it could not be read.</param>
public sealed record UnreadableImage(string Source, string Reason)
{
    /// <summary>What it was for.</summary>
    internal Split Split { get; init; }
}

/// <summary>A labelled face that is read when it is asked for, and may turn out to be unreadable then.</summary>
/// <param name="Source">A path, or a path and a line.</param>
/// <param name="Split">What it is for.</param>
/// <param name="Label">Reads the class.</param>
/// <param name="Pixels">Reads uint8 [48, 48], gray.</param>
internal sealed record FaceRow(string Source, Split Split, Func<Emotion> Label, Func<byte[]> Pixels);

/// <summary>
/// Labelled faces as ML.NET's <see cref="IDataView"/>. A column's value is read only where a cursor asks for it: whoever wants labels decodes no
/// image; whoever wants faces gets them in order, decoded on all processors a little ahead. Immutable and thread-safe.
/// </summary>
internal sealed class FaceDataView(string name, IReadOnlyList<string> warnings, Func<IEnumerable<FaceRow>> rows, long? rowCount = null) : IDataView
{
    /// <summary>float32 [1, 48, 48], gray, whole numbers in [0, 255].</summary>
    public const string FaceColumn = EmotionCatalog.FaceColumn;

    /// <summary>The class: a key from 1 to 7, whose values are the labels' names.</summary>
    public const string LabelColumn = EmotionCatalog.LabelColumn;

    private const string SplitColumn = "Split";
    private const string SourceColumn = "Source";

    private static readonly DataViewSchema Columns = MakeSchema();

    /// <summary>Gets where the rows come from, for messages and model cards: a path.</summary>
    public string Name => name;

    /// <summary>Gets what the source left out and why, a line each.</summary>
    public IReadOnlyList<string> Warnings => warnings;

    /// <summary>Gets whether the source says what its rows are for, by split folders or a column of them.</summary>
    public bool HasSplits { get; init; }

    /// <summary>Gets all rows that there are, where these are a part of them.</summary>
    private Func<IEnumerable<FaceRow>>? Whole { get; init; }

    /// <summary>Gets who is told of an unreadable image, which is then left out; null where it is an error.</summary>
    public Action<UnreadableImage>? Skip { get; init; }

    /// <summary>Gets who is warned as the view is opened and read; null for none.</summary>
    public ViewWarnings? Warned { get; private init; }

    /// <summary>Gets whether the rows are listed already, so that their labels cost nothing.</summary>
    public bool IsListed { get; init; }

    /// <summary>Gets what there is to say on a source whose face was read; null for nothing.</summary>
    public Func<string, string?> RemarkOn { get; init; } = _ => null;

    /// <inheritdoc/>
    public bool CanShuffle => false;

    /// <inheritdoc/>
    public DataViewSchema Schema => Columns;

    /// <summary>The same faces, with another answer to unreadable images.</summary>
    public FaceDataView Skipping(Action<UnreadableImage>? skip) => Like(rows, rowCount, skip, Warned);

    /// <summary>The same faces, whose warnings are reported, each once: those of the source now, those of images and classes as they are read.</summary>
    public FaceDataView Warning(IProgress<string> sink)
    {
        var warned = new ViewWarnings(sink);
        warnings.ToList().ForEach(warned.Report);
        if (IsListed)
        {
            DatasetNotices.Missing(name, rows().Select(row => row.Label()).ToHashSet().Contains).ToList().ForEach(warned.Report);
        }

        return Like(rows, rowCount, Skip, warned);
    }

    /// <summary>One split's rows. Rows whose split is unspecified belong to every split.</summary>
    public FaceDataView OfSplit(Split split) => Like(() => rows().Where(row => row.Split == split || row.Split == Split.Unspecified), null, Skip, Warned);

    /// <summary>The rows, in the same order each time.</summary>
    public IEnumerable<FaceRow> Rows() => rows();

    /// <summary>The rows of all splits, where these are one's.</summary>
    public IEnumerable<FaceRow> AllRows() => (Whole ?? rows)();

    /// <inheritdoc/>
    public long? GetRowCount() => Skip is null ? rowCount : null;

    /// <inheritdoc/>
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        HashSet<string> active = [.. columnsNeeded.Select(column => column.Name)];
        return new Cursor(ReadFace.All(rows(), active.Contains(LabelColumn), active.Contains(FaceColumn)).GetEnumerator(), active, Skip, this);
    }

    /// <inheritdoc/>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded)];

    private FaceDataView Like(Func<IEnumerable<FaceRow>> some, long? count, Action<UnreadableImage>? skip, ViewWarnings? warned) => new(name, warnings, some, count)
    {
        Skip = skip, Warned = warned, RemarkOn = RemarkOn, HasSplits = HasSplits, IsListed = IsListed, Whole = Whole ?? rows,
    };

    private static DataViewSchema MakeSchema()
    {
        var names = new VBuffer<ReadOnlyMemory<char>>(Emotions.Count, [.. Emotions.Labels.Select(label => label.AsMemory())]);
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(
            "KeyValues", new VectorDataViewType(TextDataViewType.Instance, Emotions.Count), (ref VBuffer<ReadOnlyMemory<char>> value) => names.CopyTo(ref value));
        var schema = new DataViewSchema.Builder();
        schema.AddColumn(FaceColumn, new VectorDataViewType(NumberDataViewType.Single, 1, FacePreprocessor.Size, FacePreprocessor.Size));
        schema.AddColumn(LabelColumn, new KeyDataViewType(typeof(uint), Emotions.Count), annotations.ToAnnotations());
        schema.AddColumn(SplitColumn, TextDataViewType.Instance);
        schema.AddColumn(SourceColumn, TextDataViewType.Instance);
        return schema.ToSchema();
    }

    /// <summary>What was asked for of a row, or why it can't be read.</summary>
    private readonly record struct ReadFace(FaceRow Row, Emotion Label, byte[]? Pixels, Exception? Error)
    {
        public static IEnumerable<ReadFace> All(IEnumerable<FaceRow> rows, bool labels, bool pixels) => pixels
            ? rows.AsParallel().AsOrdered().Select(row => Of(row, labels, pixels))
            : rows.Select(row => Of(row, labels, pixels));

        private static ReadFace Of(FaceRow row, bool labels, bool pixels)
        {
            try
            {
                return new ReadFace(row, labels ? row.Label() : default, pixels ? row.Pixels() : null, null);
            }
            catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                return new ReadFace(row, default, null, e);
            }
        }
    }

    private sealed class Cursor(IEnumerator<ReadFace> faces, HashSet<string> active, Action<UnreadableImage>? skip, FaceDataView view) : DataViewRowCursor
    {
        private readonly PassWarnings? pass = view.Warned is { } warned ? new PassWarnings(warned, view.Name) : null;
        private long position = -1;

        public override DataViewSchema Schema => Columns;

        public override long Position => position;

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Name);

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)position, 0);

        public override bool MoveNext()
        {
            try
            {
                while (faces.MoveNext())
                {
                    position++;
                    ReadFace face = faces.Current;
                    if (face.Error is null)
                    {
                        pass?.Add(
                            face.Row.Source, active.Contains(LabelColumn) ? face.Label : null, face.Pixels, face.Pixels is null ? null : view.RemarkOn(face.Row.Source));
                        return true;
                    }

                    string reason = face.Error.Message;
                    Action<UnreadableImage> tell = skip ?? throw new InvalidDataException($"{face.Row.Source}: {reason}", face.Error);
                    var image = new UnreadableImage(face.Row.Source, reason) { Split = face.Row.Split };
                    tell(image);
                    pass?.Add(image);
                }

                pass?.End();
            }
            catch (AggregateException e)
            {
                // The rows' own source failed, under the parallel query.
                ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
            }

            return false;
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Delegate getter = column.Name switch
            {
                FaceColumn => (ValueGetter<VBuffer<float>>)GetFace,
                LabelColumn => (ValueGetter<uint>)((ref uint value) => value = 1 + (uint)faces.Current.Label),
                SplitColumn => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = $"{faces.Current.Row.Split}".AsMemory()),
                _ => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = faces.Current.Row.Source.AsMemory()),
            };
            return getter as ValueGetter<TValue> ?? throw new InvalidOperationException($"column '{column.Name}' is {column.Type}, not {typeof(TValue)}");
        }

        protected override void Dispose(bool disposing)
        {
            faces.Dispose();
            base.Dispose(disposing);
        }

        private void GetFace(ref VBuffer<float> value)
        {
            byte[] pixels = faces.Current.Pixels!;
            VBufferEditor<float> editor = VBufferEditor.Create(ref value, pixels.Length);
            for (int i = 0; i < pixels.Length; i++)
            {
                editor.Values[i] = pixels[i];
            }

            value = editor.Commit();
        }
    }
}
