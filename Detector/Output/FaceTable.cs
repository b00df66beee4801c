using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using MlNetEmotion.Detector.Frames;
using Parquet;
using Parquet.Schema;

namespace MlNetEmotion.Detector.Output;

/// <summary>A face in a frame: one row of the table.</summary>
/// <param name="Frame">The frame's number within its source, from 0.</param>
internal readonly record struct FaceRow(string Source, long Frame, double TimestampMs, FaceResult Face);

/// <summary>The outcome of an input.</summary>
/// <param name="LastMs">The last frame's time since the first, in ms.</param>
/// <param name="Error">The error; null if the input was processed.</param>
/// <param name="Remark">A note on an input that was processed in part only, or not as it is stored; else null.</param>
/// <param name="MayRecover">Whether a retry may succeed: a disk was unavailable, rather than a file damaged.</param>
internal sealed record InputRecord(string Source, long Frames, long Faces, double LastMs, string? Error = null, bool MayRecover = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Remark = null)
{
    /// <summary>The record of a failed input. Retries may succeed after any exception except <see cref="InvalidDataException"/>, which means a damaged
    /// file.</summary>
    public static InputRecord Failed(InputRecord input, Exception e) =>
        input with { Error = UrlRedactor.Redact(e.Message.ReplaceLineEndings(" ")), MayRecover = e is not InvalidDataException };

    /// <summary>Returns the record with one more frame.</summary>
    public InputRecord With(FrameResult frame) => this with { Frames = Frames + 1, Faces = Faces + frame.Faces.Count, LastMs = frame.Timestamp.TotalMilliseconds };
}

/// <summary>
/// The schema of face tables, which are Parquet files: one row per face and frame, with the columns of the CSV events. The metadata contain the settings and
/// the outcome of each input, including those without a face.
/// </summary>
internal static class FaceTable
{
    /// <summary>The extension of face tables.</summary>
    public const string Ending = ".parquet";

    /// <summary>The metadata key of the settings; <see cref="InputsKey"/> is that of the inputs' outcomes.</summary>
    public const string SettingsKey = "mlnetemotion.settings";
    public const string InputsKey = "mlnetemotion.inputs";

    internal static readonly JsonSerializerOptions Json =
        new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static readonly FaceColumn[] Columns =
    [
        Text("source", row => row.Source),
        Number("frame", row => row.Frame),
        Number("timestampMs", row => Math.Round(row.TimestampMs, 3)),
        Number("trackId", row => row.Face.TrackId),
        Number("x", row => row.Face.Box.X),
        Number("y", row => row.Face.Box.Y),
        Number("width", row => row.Face.Box.Width),
        Number("height", row => row.Face.Box.Height),
        Text("emotion", row => Emotions.Labels[(int)row.Face.Emotion]),
        Number("confidence", row => Probability(row.Face.Confidence)),
        .. Enum.GetValues<Emotion>().Select(emotion => Number(Emotions.Labels[(int)emotion], row => Probability(row.Face.Scores[emotion]))),
        Text("shown", row => row.Face.Shown),

        // Tables of older versions lack the columns from here.
        Optional("yaw", row => Rounded(row.Face.Pose?.Yaw, 1)),
        Optional("pitch", row => Rounded(row.Face.Pose?.Pitch, 1)),
        Optional("roll", row => Rounded(row.Face.Pose?.Roll, 1)),
        Optional("sidePixels", row => row.Face.Quality?.SidePixels),
        Optional("sharpness", row => Rounded(row.Face.Quality?.Sharpness, 3)),
        Optional("light", row => Rounded(row.Face.Quality?.Light, 3)),
        Text("reason", row => row.Face.Reason, isOptional: true),
    ];

    internal static ParquetSchema Schema { get; } = new(Columns.Select(column => column.Field));

    internal static DataField Field(string name) => Array.Find(Columns, column => column.Field.Name == name)!.Field;

    private static FaceColumn Text(string name, Func<FaceRow, string?> read, bool isOptional = false)
    {
        var field = new DataField(name, typeof(string), isOptional);
        return new FaceColumn(field, (group, rows) => group.WriteAsync(field, rows.ConvertAll(row => read(row))).GetAwaiter().GetResult());
    }

    private static FaceColumn Number<T>(string name, Func<FaceRow, T> read)
        where T : struct
    {
        var field = new DataField(name, typeof(T), isNullable: false);
        return new FaceColumn(field, (group, rows) => group.WriteAsync<T>(field, rows.ConvertAll(row => read(row)).ToArray()).GetAwaiter().GetResult());
    }

    private static FaceColumn Optional<T>(string name, Func<FaceRow, T?> read)
        where T : struct
    {
        var field = new DataField(name, typeof(T), isNullable: true);
        return new FaceColumn(field, (group, rows) => group.WriteAsync<T>(field, rows.ConvertAll(row => read(row)).ToArray()).GetAwaiter().GetResult());
    }

    // Six digits, as in events; further digits differ between processors.
    private static float Probability(float value) => (float)Math.Round(value, 6);

    private static float? Rounded(double? value, int decimals) => value is { } number ? (float)WrittenNumbers.Plain((decimal)number, decimals) : null;
}

/// <summary>A column, and the action that writes its values of a group of rows.</summary>
internal sealed record FaceColumn(DataField Field, Action<ParquetRowGroupWriter, List<FaceRow>> Write);

/// <summary>Writes a face table in groups of rows. A file is valid only after <see cref="Finish"/>. Not thread-safe.</summary>
internal sealed class FaceTableWriter : IDisposable
{
    /// <summary>The number of rows per group, some megabytes in memory.</summary>
    public const int GroupRows = 1 << 17;

    private readonly List<FaceRow> rows = [];
    private readonly List<InputRecord> inputs = [];
    private readonly ParquetWriter writer;
    private readonly string settings;

    /// <param name="stream">The file, which stays open.</param>
    public FaceTableWriter(Stream stream, string settings)
    {
        this.settings = settings;
        var options = new ParquetOptions { CompressionMethod = CompressionMethod.Zstd };
        foreach (string text in (ReadOnlySpan<string>)["source", "emotion", "shown", "reason"])
        {
            options.ColumnEncodingHints[text] = EncodingHint.Dictionary;
        }

        writer = ParquetWriter.CreateAsync(FaceTable.Schema, stream, options).GetAwaiter().GetResult();
    }

    public IReadOnlyList<InputRecord> Inputs => inputs;

    public void Add(FrameResult frame) =>
        frame.Faces.ForEach(face => Add(new FaceRow(frame.Source, frame.Frame, frame.Timestamp.TotalMilliseconds, face)));

    public void Add(in FaceRow row)
    {
        rows.Add(row);
        if (rows.Count == GroupRows)
        {
            WriteGroup();
        }
    }

    /// <summary>Adds an input's outcome.</summary>
    public void Done(InputRecord input) => inputs.Add(input);

    public void Finish()
    {
        if (rows.Count > 0)
        {
            WriteGroup();
        }

        writer.CustomMetadata = new Dictionary<string, string>
        {
            [FaceTable.SettingsKey] = settings,
            [FaceTable.InputsKey] = JsonSerializer.Serialize(inputs, FaceTable.Json),
        };
        writer.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    // Does not dispose of the writer: that would finish an incomplete file.
    public void Dispose() => rows.Clear();

    private void WriteGroup()
    {
        using (ParquetRowGroupWriter group = writer.CreateRowGroup())
        {
            Array.ForEach(FaceTable.Columns, column => column.Write(group, rows));
        }

        rows.Clear();
    }
}

/// <summary>Reads a face table that was written by <see cref="FaceTableWriter"/>. Not thread-safe.</summary>
internal sealed class FaceTableReader : IDisposable
{
    private readonly FileStream file;
    private readonly ParquetReader reader;

    /// <exception cref="InvalidDataException">The file is truncated, damaged, or not a face table.</exception>
    public FaceTableReader(string path)
    {
        file = File.OpenRead(path);
        try
        {
            reader = ParquetReader.CreateAsync(file).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is not UnauthorizedAccessException)
        {
            file.Dispose();
            throw new InvalidDataException($"{path}: truncated or damaged Parquet file.", e);
        }

        if (!reader.CustomMetadata.TryGetValue(FaceTable.SettingsKey, out string? settings) || !reader.CustomMetadata.TryGetValue(FaceTable.InputsKey, out string? inputs))
        {
            file.Dispose();
            throw new InvalidDataException($"{path}: a Parquet file that this program did not write.");
        }

        (Settings, Inputs) = (settings, JsonSerializer.Deserialize<InputRecord[]>(inputs, FaceTable.Json)!);
    }

    public string Settings { get; }

    public IReadOnlyList<InputRecord> Inputs { get; }

    /// <summary>Reads the rows lazily, one group at a time.</summary>
    /// <exception cref="InvalidDataException">A group is damaged.</exception>
    public IEnumerable<FaceRow[]> Groups()
    {
        for (int i = 0; i < reader.RowGroupCount; i++)
        {
            FaceRow[] rows;
            try
            {
                using ParquetRowGroupReader group = reader.OpenRowGroupReader(i);
                rows = Read(group);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                throw new InvalidDataException($"{file.Name}: damaged ({e.Message.TrimEnd('.')}).", e);
            }

            yield return rows;
        }
    }

    public void Dispose()
    {
        reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        file.Dispose();
    }

    // The decimal number that was written: 0.3 rather than 0.300000012.
    private static double Exact(float value) => (double)(decimal)value;

    private FaceRow[] Read(ParquetRowGroupReader group)
    {
        string[] source = Texts("source");
        long[] frame = Numbers<long>("frame");
        double[] timestampMs = Numbers<double>("timestampMs");
        int[] trackId = Numbers<int>("trackId");
        int[][] box = [Numbers<int>("x"), Numbers<int>("y"), Numbers<int>("width"), Numbers<int>("height")];
        string[] emotion = Texts("emotion");
        float[][] probabilities = [.. Emotions.Labels.Select(Numbers<float>)];
        string[] shown = Texts("shown");
        float?[][] pose = [Optional<float>("yaw"), Optional<float>("pitch"), Optional<float>("roll")];
        int?[] side = Optional<int>("sidePixels");
        float?[][] quality = [Optional<float>("sharpness"), Optional<float>("light")];
        string?[] reason = Has("reason") ? Texts("reason") : new string?[group.RowCount];
        Span<float> scores = stackalloc float[Emotions.Count];
        var rows = new FaceRow[group.RowCount];
        for (int i = 0; i < rows.Length; i++)
        {
            for (int j = 0; j < scores.Length; j++)
            {
                scores[j] = probabilities[j][i];
            }

            var face = new FaceResult(trackId[i], new Box(box[0][i], box[1][i], box[2][i], box[3][i]), new EmotionScores(scores));
            rows[i] = new FaceRow(source[i], frame[i], timestampMs[i], face with
            {
                Emotion = Enum.Parse<Emotion>(emotion[i]),
                IsUncertain = shown[i] == FaceResult.Uncertain,
                Pose = pose[0][i] is { } yaw ? new HeadPose(Exact(yaw), Exact(pose[1][i]!.Value), Exact(pose[2][i]!.Value)) : null,
                Quality = side[i] is { } pixels ? new FaceQuality(pixels, Exact(quality[0][i]!.Value), Exact(quality[1][i]!.Value)) : null,
                Doubt = reason[i] is { } doubt ? Enum.Parse<FaceDoubt>(doubt, ignoreCase: true) : null,
            });
        }

        return rows;

        string[] Texts(string name)
        {
            var values = new string?[group.RowCount];
            group.ReadAsync(FaceTable.Field(name), values.AsMemory()).AsTask().GetAwaiter().GetResult();
            return values!;
        }

        bool Has(string name) => Array.Exists(reader.Schema.DataFields, column => column.Name == name);

        T?[] Optional<T>(string name)
            where T : struct
        {
            var values = new T?[group.RowCount];
            if (Has(name))
            {
                group.ReadAsync<T>(FaceTable.Field(name), values.AsMemory()).AsTask().GetAwaiter().GetResult();
            }

            return values;
        }

        T[] Numbers<T>(string name)
            where T : struct
        {
            var values = new T[group.RowCount];
            group.ReadAsync(FaceTable.Field(name), values.AsMemory()).AsTask().GetAwaiter().GetResult();
            return values;
        }
    }
}
