using System.Numerics.Tensors;
using System.Runtime.ExceptionServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNetEmotion.Trainer.Data;

/// <summary>An image that could not be read and was skipped.</summary>
/// <param name="Source">Its path, or its file and line.</param>
/// <param name="Reason">The cause.</param>
public sealed record UnreadableImage(string Source, string Reason)
{
    /// <summary>The split that it belongs to.</summary>
    internal Split Split { get; init; }
}

/// <summary>A labelled face that is read lazily, and may turn out to be unreadable then.</summary>
/// <param name="Source">A path, or a path and a line.</param>
/// <param name="Pixels">Reads uint8 [48, 48], gray.</param>
internal sealed record FaceRow(string Source, Split Split, Func<Emotion> Label, Func<byte[]> Pixels);

/// <summary>
/// Labelled faces as ML.NET's <see cref="IDataView"/>. Columns are read lazily: a cursor over labels decodes no image; a cursor over faces returns them in
/// order, decoded in parallel a little ahead. Immutable and thread-safe.
/// </summary>
/// <param name="Name">The path of the rows, for messages and model cards.</param>
/// <param name="Warnings">The source's warnings about what it left out, one line each.</param>
/// <param name="Rows">Returns the rows, always in the same order.</param>
/// <param name="RowCount">The number of rows; null if it is not known before they are read.</param>
internal sealed record FaceDataView(string Name, IReadOnlyList<string> Warnings, Func<IEnumerable<FaceRow>> Rows, long? RowCount = null) : IDataView
{
    private const string SplitColumn = "Split";
    private const string SourceColumn = "Source";

    private static readonly DataViewSchema Columns = MakeSchema();

    /// <summary>Whether the source assigns its rows to splits, by folders or a column.</summary>
    public bool HasSplits { get; init; }

    /// <summary>Returns all rows of the source, if this view has only some.</summary>
    private Func<IEnumerable<FaceRow>>? Whole { get; init; }

    /// <summary>Called for each unreadable image, which is then skipped; null makes it an error.</summary>
    public Action<UnreadableImage>? Skip { get; init; }

    /// <summary>Receives the warnings when the view is opened and read; null for none.</summary>
    public ViewWarnings? Warned { get; private init; }

    /// <summary>Whether the rows are already in memory, so that reading their labels is free.</summary>
    public bool IsListed { get; init; }

    /// <summary>Returns a remark about a source whose face was read, or null.</summary>
    public Func<string, string?> RemarkOn { get; init; } = _ => null;

    /// <inheritdoc/>
    public bool CanShuffle => false;

    /// <inheritdoc/>
    public DataViewSchema Schema => Columns;

    /// <summary>Returns the same faces with a sink for warnings, each reported once: the source's now, those about images and classes while rows are
    /// read.</summary>
    public FaceDataView Warning(IProgress<string> sink)
    {
        var warned = new ViewWarnings(sink);
        Warnings.ToList().ForEach(warned.Report);
        if (IsListed)
        {
            DatasetNotices.Missing(Name, Rows().Select(row => row.Label()).ToHashSet().Contains).ToList().ForEach(warned.Report);
        }

        return this with { Warned = warned };
    }

    /// <summary>Returns the rows of a split. Rows without a split belong to every one.</summary>
    public FaceDataView OfSplit(Split split) => this with
    {
        Rows = () => Rows().Where(row => row.Split == split || row.Split == Split.Unspecified), RowCount = null, Whole = Whole ?? Rows,
    };

    /// <summary>Returns the rows of all splits.</summary>
    public IEnumerable<FaceRow> AllRows() => (Whole ?? Rows)();

    /// <inheritdoc/>
    public long? GetRowCount() => Skip is null ? RowCount : null;

    /// <inheritdoc/>
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        HashSet<string> active = [.. columnsNeeded.Select(column => column.Name)];
        return new Cursor(ReadFace.All(Rows(), active.Contains(EmotionCatalog.LabelColumn), active.Contains(EmotionCatalog.FaceColumn)).GetEnumerator(), active, Skip, this);
    }

    /// <inheritdoc/>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded)];

    private static DataViewSchema MakeSchema()
    {
        var names = new VBuffer<ReadOnlyMemory<char>>(Emotions.Count, [.. Emotions.Labels.Select(label => label.AsMemory())]);
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(
            "KeyValues", new VectorDataViewType(TextDataViewType.Instance, Emotions.Count), (ref VBuffer<ReadOnlyMemory<char>> value) => names.CopyTo(ref value));
        var schema = new DataViewSchema.Builder();
        schema.AddColumn(EmotionCatalog.FaceColumn, new VectorDataViewType(NumberDataViewType.Single, 1, FacePreprocessor.Size, FacePreprocessor.Size));
        schema.AddColumn(EmotionCatalog.LabelColumn, new KeyDataViewType(typeof(uint), Emotions.Count), annotations.ToAnnotations());
        schema.AddColumn(SplitColumn, TextDataViewType.Instance);
        schema.AddColumn(SourceColumn, TextDataViewType.Instance);
        return schema.ToSchema();
    }

    /// <summary>The requested values of a row, or the error of reading them.</summary>
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
                            face.Row.Source, active.Contains(EmotionCatalog.LabelColumn) ? face.Label : null, face.Pixels, face.Pixels is null ? null : view.RemarkOn(face.Row.Source));
                        return true;
                    }

                    string reason = face.Error.Message;
                    Action<UnreadableImage> report = skip ?? throw new InvalidDataException($"{face.Row.Source}: {reason}", face.Error);
                    var image = new UnreadableImage(face.Row.Source, reason) { Split = face.Row.Split };
                    report(image);
                    pass?.Add(image);
                }

                pass?.End();
            }
            catch (AggregateException e)
            {
                // The enumeration of rows failed inside the parallel query.
                ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
            }

            return false;
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Delegate getter = column.Name switch
            {
                EmotionCatalog.FaceColumn => (ValueGetter<VBuffer<float>>)GetFace,
                EmotionCatalog.LabelColumn => (ValueGetter<uint>)((ref uint value) => value = 1 + (uint)faces.Current.Label),
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
            TensorPrimitives.ConvertTruncating<byte, float>(pixels, editor.Values);
            value = editor.Commit();
        }
    }
}
