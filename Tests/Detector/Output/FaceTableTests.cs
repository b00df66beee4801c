using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Tests.Trainer.Data;
using ParquetSharp;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Output;

/// <summary>Read back by another implementation: Apache's own, in C++.</summary>
public sealed class FaceTableTests : IDisposable
{
    private static readonly FaceRow Face = new(
        "films/Jürgen.mp4", 7, 7000 / 30.0,
        new FaceResult(3, new Box(10, 20, 96, 97), new EmotionScores([0.0000314f, 0.01f, 0.02f, 0.75f, 0.0625f, 0.125f, 0.0324686f])) 
        {
            IsUncertain = true,
            Pose = new HeadPose(-12.3, 0.1, 180),
            Quality = new FaceQuality(97, 0.457, 0.5),
            Doubt = FaceDoubt.TurnedAway,
        });

    private readonly TemporaryFolder folder = new();

    private string Table => System.IO.Path.Combine(folder.Root, "faces.parquet");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Write_AFace_HasTypedColumnsAndItsInputs()
    {
        FaceResult plain = Face.Face with { Pose = null, Quality = null, Doubt = null };
        Write([Face, Face with { Source = "b.mp4", Frame = 1L << 40, Face = plain }], [new InputRecord("empty.jpg", 1, 0, 0), new InputRecord("bad.jpg", 0, 0, 0, "truncated")]);

        using var reader = new ParquetFileReader(Table);
        Assert.Equal(
            [
                "source:String", "frame:Int64", "timestampMs:Double", "trackId:Int32", "x:Int32", "y:Int32", "width:Int32", "height:Int32", "emotion:String", "confidence:Single",
                "Angry:Single", "Disgust:Single", "Fear:Single", "Happy:Single", "Sad:Single", "Surprise:Single", "Neutral:Single", "shown:String",
                "yaw:Single", "pitch:Single", "roll:Single", "sidePixels:Int32", "sharpness:Single", "light:Single", "reason:String",
            ],
            Enumerable.Range(0, reader.FileMetaData.NumColumns).Select(column => Describe(reader, column)));
        Assert.Equal(["films/Jürgen.mp4", "b.mp4"], Column<string>(reader, 0));
        Assert.Equal([7, 1L << 40], Column<long>(reader, 1));
        Assert.Equal([233.333, 233.333], Column<double>(reader, 2));
        Assert.Equal([96, 96], Column<int>(reader, 6));
        Assert.Equal(["Happy", "Happy"], Column<string>(reader, 8));
        Assert.Equal([0.75f, 0.75f], Column<float>(reader, 9));
        Assert.Equal([0.000031f, 0.000031f], Column<float>(reader, 10));
        Assert.Equal(["Uncertain", "Uncertain"], Column<string>(reader, 17));
        Assert.Equal([-12.3f, null], Column<float?>(reader, 18));
        Assert.Equal([97, null], Column<int?>(reader, 21));
        Assert.Equal("turnedAway,", string.Join(',', Column<string>(reader, 24)));
        Assert.Equal(
            """[{"source":"empty.jpg","frames":1,"faces":0,"lastMs":0,"error":null,"mayRecover":false},{"source":"bad.jpg","frames":0,"faces":0,"lastMs":0,"error":"truncated","mayRecover":false}]""",
            reader.FileMetaData.KeyValueMetadata[FaceTable.InputsKey]);
        Assert.Equal("{}", reader.FileMetaData.KeyValueMetadata[FaceTable.SettingsKey]);
    }

    [Fact]
    public void Write_ManyRows_AreInGroupsWithDictionariesOfTheirSources()
    {
        Write(Enumerable.Range(0, FaceTableWriter.GroupRows + 1).Select(i => Face with { Frame = i, Source = $"a/very/long/way/to/{i % 3}.mp4" }), []);

        using var reader = new ParquetFileReader(Table);
        Assert.Equal([FaceTableWriter.GroupRows, 1], Enumerable.Range(0, reader.FileMetaData.NumRowGroups).Select(i => Rows(reader, i)));
        using RowGroupReader first = reader.RowGroup(0);    // each keeps the file open, which on Windows keeps its folder
        using ParquetSharp.ColumnChunkMetaData source = first.MetaData.GetColumnChunkMetaData(0);
        Assert.Contains(ParquetSharp.Encoding.PlainDictionary, source.Encodings);
        Assert.InRange(source.TotalUncompressedSize, 1, 4 * FaceTableWriter.GroupRows);    // bits a row, not thirty bytes

        using var own = new FaceTableReader(Table);
        Assert.Equal(Enumerable.Range(0, FaceTableWriter.GroupRows + 1).Select(i => (long)i), own.Groups().SelectMany(group => group).Select(row => row.Frame));
        Assert.Equal([FaceTableWriter.GroupRows, 1], own.Groups().Select(group => group.Length));
    }

    [Fact]
    public void Read_WhatWasWritten_IsTheSame()
    {
        FaceRow[] rows = [Face with { TimestampMs = 233.333, Face = Face.Face with { Emotion = Emotion.Happy, Scores = new EmotionScores([0.5f, 0, 0, 0.25f, 0, 0.125f, 0.125f]) } }];
        Write(rows, [new InputRecord("films/Jürgen.mp4", 9, 1, 266.667)]);

        using var reader = new FaceTableReader(Table);
        Assert.Equal(rows, reader.Groups().SelectMany(group => group));
        Assert.Equal([new InputRecord("films/Jürgen.mp4", 9, 1, 266.667)], reader.Inputs);
    }

    // The table's first 18 columns are those of version 0.1.
    [Fact]
    public async Task Read_TableWithoutTheLaterColumns_HasTheFacesWithoutThem()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        var old = new Parquet.Schema.ParquetSchema(FaceTable.Schema.DataFields[..18]);
        await using (FileStream file = File.Create(Table))
        await using (Parquet.ParquetWriter writer = await Parquet.ParquetWriter.CreateAsync(old, file, cancellationToken: stop))
        {
            writer.CustomMetadata = new Dictionary<string, string> { [FaceTable.SettingsKey] = "", [FaceTable.InputsKey] = "[]" };
            using Parquet.ParquetRowGroupWriter group = writer.CreateRowGroup();
            foreach (Parquet.Schema.DataField field in old.DataFields)
            {
                await (field.ClrType == typeof(int) ? group.WriteAsync<int>(field, new[] { 5 }, cancellationToken: stop)
                    : field.ClrType == typeof(long) ? group.WriteAsync<long>(field, new[] { 6L }, cancellationToken: stop)
                    : field.ClrType == typeof(double) ? group.WriteAsync<double>(field, new[] { 7.5 }, cancellationToken: stop)
                    : field.ClrType == typeof(float) ? group.WriteAsync<float>(field, new[] { 1 / 7f }, cancellationToken: stop)
                    : group.WriteAsync(field, [field.Name == "emotion" ? "Sad" : "Uncertain"]));
            }
        }

        using var reader = new FaceTableReader(Table);
        FaceRow row = Assert.Single(reader.Groups().SelectMany(group => group));
        Assert.Equal(new FaceRow("Uncertain", 6, 7.5, new FaceResult(5, new Box(5, 5, 5, 5), EmotionScores.Uncertain) { Emotion = Emotion.Sad, IsUncertain = true }), row);
    }

    [Fact]
    public void Read_CutForeignOrDamaged_SaysWhich()
    {
        Write([Face], []);
        byte[] whole = File.ReadAllBytes(Table);
        string cut = folder.Write("cut.parquet", whole[..^20]);
        string foreign = System.IO.Path.Combine(folder.Root, "foreign.parquet");
        using (var writer = new ParquetFileWriter(foreign, [new Column<int>("n")]))
        {
            writer.Close();
        }

        byte[] torn = [.. whole];
        Array.Clear(torn, 4, 60);
        string damaged = folder.Write("damaged.parquet", torn);

        Assert.Equal($"{cut}: truncated or damaged Parquet file.", Assert.Throws<InvalidDataException>(() => new FaceTableReader(cut)).Message);
        Assert.Equal($"{foreign}: a Parquet file that this program did not write.", Assert.Throws<InvalidDataException>(() => new FaceTableReader(foreign)).Message);
        using var reader = new FaceTableReader(damaged);
        Assert.StartsWith($"{damaged}: damaged (", Assert.Throws<InvalidDataException>(() => reader.Groups().Count()).Message, StringComparison.Ordinal);
    }

    private static int Rows(ParquetFileReader reader, int group)
    {
        using RowGroupReader rows = reader.RowGroup(group);
        return (int)rows.MetaData.NumRows;
    }

    private static string Describe(ParquetFileReader reader, int column)
    {
        ColumnDescriptor descriptor = reader.FileMetaData.Schema.Column(column);
        return $"{descriptor.Name}:{(descriptor.LogicalType.Type == LogicalTypeEnum.String ? "String" : descriptor.PhysicalType switch { PhysicalType.Float => "Single", var other => $"{other}" })}";
    }

    private static T[] Column<T>(ParquetFileReader reader, int column)
    {
        using RowGroupReader group = reader.RowGroup(0);
        using LogicalColumnReader<T> values = group.Column(column).LogicalReader<T>();
        return values.ReadAll((int)group.MetaData.NumRows);
    }

    private void Write(IEnumerable<FaceRow> rows, IEnumerable<InputRecord> inputs)
    {
        using var file = new FileStream(Table, FileMode.Create);
        using var table = new FaceTableWriter(file, "{}");
        foreach (FaceRow row in rows)
        {
            table.Add(row);
        }

        foreach (InputRecord input in inputs)
        {
            table.Done(input);
        }

        table.Finish();
    }
}
