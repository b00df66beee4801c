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
/// <param name="Frames">The number of frames processed.</param>
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

    internal static readonly DataField Source = Text("source");
    internal static readonly DataField Frame = Number<long>("frame");
    internal static readonly DataField TimestampMs = Number<double>("timestampMs");
    internal static readonly DataField TrackId = Number<int>("trackId");
    internal static readonly DataField X = Number<int>("x");
    internal static readonly DataField Y = Number<int>("y");
    internal static readonly DataField Width = Number<int>("width");
    internal static readonly DataField Height = Number<int>("height");
    internal static readonly DataField Emotion = Text("emotion");
    internal static readonly DataField Confidence = Number<float>("confidence");
    internal static readonly DataField[] Probabilities = [.. Emotions.Labels.Select(Number<float>)];
    internal static readonly DataField Shown = Text("shown");

    // Tables of older versions lack the columns from here.
    internal static readonly DataField Yaw = Optional<float>("yaw");
    internal static readonly DataField Pitch = Optional<float>("pitch");
    internal static readonly DataField Roll = Optional<float>("roll");
    internal static readonly DataField SidePixels = Optional<int>("sidePixels");
    internal static readonly DataField Sharpness = Optional<float>("sharpness");
    internal static readonly DataField Light = Optional<float>("light");
    internal static readonly DataField Reason = Optional<string>("reason");

    internal static ParquetSchema Schema { get; } = new(
    [
        Source, Frame, TimestampMs, TrackId, X, Y, Width, Height, Emotion, Confidence, .. Probabilities, Shown,
        Yaw, Pitch, Roll, SidePixels, Sharpness, Light, Reason,
    ]);

    private static DataField Text(string name) => new(name, typeof(string), isNullable: false);

    private static DataField Number<T>(string name) => new(name, typeof(T), isNullable: false);

    private static DataField Optional<T>(string name) => new(name, typeof(T), isNullable: true);
}

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
        foreach (DataField text in new[] { FaceTable.Source, FaceTable.Emotion, FaceTable.Shown, FaceTable.Reason })
        {
            options.ColumnEncodingHints[text.Path.ToString()] = EncodingHint.Dictionary;
        }

        writer = Wait(ParquetWriter.CreateAsync(FaceTable.Schema, stream, options));
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

    private static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();

    private void WriteGroup()
    {
        using (ParquetRowGroupWriter group = writer.CreateRowGroup())
        {
            Write(group, FaceTable.Source, row => row.Source);
            Write(group, FaceTable.Frame, row => row.Frame);
            Write(group, FaceTable.TimestampMs, row => Math.Round(row.TimestampMs, 3));
            Write(group, FaceTable.TrackId, row => row.Face.TrackId);
            Write(group, FaceTable.X, row => row.Face.Box.X);
            Write(group, FaceTable.Y, row => row.Face.Box.Y);
            Write(group, FaceTable.Width, row => row.Face.Box.Width);
            Write(group, FaceTable.Height, row => row.Face.Box.Height);
            Write(group, FaceTable.Emotion, row => Emotions.Labels[(int)row.Face.Emotion]);
            Write(group, FaceTable.Confidence, row => Rounded(row.Face.Confidence));
            for (int i = 0; i < Emotions.Count; i++)
            {
                var emotion = (Emotion)i;
                Write(group, FaceTable.Probabilities[i], row => Rounded(row.Face.Scores[emotion]));
            }

            Write(group, FaceTable.Shown, row => row.Face.Shown);
            List<PoseNumbers?> poses = rows.ConvertAll(row => WrittenNumbers.Pose(row.Face.Pose));
            WriteOptional(group, FaceTable.Yaw, poses, pose => (float?)pose?.Yaw);
            WriteOptional(group, FaceTable.Pitch, poses, pose => (float?)pose?.Pitch);
            WriteOptional(group, FaceTable.Roll, poses, pose => (float?)pose?.Roll);
            List<QualityNumbers?> qualities = rows.ConvertAll(row => WrittenNumbers.Quality(row.Face.Quality));
            WriteOptional(group, FaceTable.SidePixels, qualities, quality => quality?.SidePixels);
            WriteOptional(group, FaceTable.Sharpness, qualities, quality => (float?)quality?.Sharpness);
            WriteOptional(group, FaceTable.Light, qualities, quality => (float?)quality?.Light);
            Write(group, FaceTable.Reason, row => row.Face.Reason);
        }

        rows.Clear();
    }

    // Six digits, as in events; further digits differ between processors.
    private static float Rounded(float probability) => (float)Math.Round(probability, 6);

    private void Write(ParquetRowGroupWriter group, DataField field, Func<FaceRow, string?> read) =>
        group.WriteAsync(field, rows.ConvertAll(row => read(row))).GetAwaiter().GetResult();

    private static void WriteOptional<TItem, T>(ParquetRowGroupWriter group, DataField field, List<TItem> items, Func<TItem, T?> read)
        where T : struct => group.WriteAsync<T>(field, items.ConvertAll(item => read(item)).ToArray()).GetAwaiter().GetResult();

    private void Write<T>(ParquetRowGroupWriter group, DataField field, Func<FaceRow, T> read)
        where T : struct => group.WriteAsync<T>(field, rows.ConvertAll(row => read(row)).ToArray()).GetAwaiter().GetResult();
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
        string[] source = Texts(FaceTable.Source);
        long[] frame = Numbers<long>(FaceTable.Frame);
        double[] timestampMs = Numbers<double>(FaceTable.TimestampMs);
        int[] trackId = Numbers<int>(FaceTable.TrackId);
        int[][] box = [Numbers<int>(FaceTable.X), Numbers<int>(FaceTable.Y), Numbers<int>(FaceTable.Width), Numbers<int>(FaceTable.Height)];
        string[] emotion = Texts(FaceTable.Emotion);
        float[][] probabilities = [.. FaceTable.Probabilities.Select(Numbers<float>)];
        string[] shown = Texts(FaceTable.Shown);
        float?[][] pose = [.. new[] { FaceTable.Yaw, FaceTable.Pitch, FaceTable.Roll }.Select(Optional<float>)];
        int?[] side = Optional<int>(FaceTable.SidePixels);
        float?[][] quality = [.. new[] { FaceTable.Sharpness, FaceTable.Light }.Select(Optional<float>)];
        string?[] reason = Has(FaceTable.Reason) ? Texts(FaceTable.Reason) : new string?[group.RowCount];
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

        string[] Texts(DataField field)
        {
            var values = new string?[group.RowCount];
            group.ReadAsync(field, values.AsMemory()).AsTask().GetAwaiter().GetResult();
            return values!;
        }

        bool Has(DataField field) => Array.Exists(reader.Schema.DataFields, column => column.Name == field.Name);

        T?[] Optional<T>(DataField field)
            where T : struct
        {
            var values = new T?[group.RowCount];
            if (Has(field))
            {
                group.ReadAsync<T>(field, values.AsMemory()).AsTask().GetAwaiter().GetResult();
            }

            return values;
        }

        T[] Numbers<T>(DataField field)
            where T : struct
        {
            var values = new T[group.RowCount];
            group.ReadAsync(field, values.AsMemory()).AsTask().GetAwaiter().GetResult();
            return values;
        }
    }
}
