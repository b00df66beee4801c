using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetEmotion.Programs.Samples;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Shared.ML;

public sealed class ImageCatalogTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly MLContext ml = new(seed: 1);

    public void Dispose() => folder.Dispose();

    // Characters that must be escaped in the saved expression, which contains the folder.
    [Theory]
    [InlineData("faces")]
    [InlineData("of \"Zoë\" + 'x' \\ {0} \\n 日本 : c")]
    [InlineData("two\nlines\u2028\r\t")]
    public void LoadFace_SavedAndLoaded_KeepsTheFolder(string name)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() && name != "faces", "Windows has no such names");
        byte[] face = TemporaryFolder.Face(70);
        folder.WritePgm(Path.Combine(name, "a.pgm"), face);
        IDataView rows = Rows(new Row { ImagePath = "a.pgm" });
        string zip = Path.Combine(folder.Root, "pipeline.zip");
        ml.Model.Save(ml.Transforms.LoadFace(imageFolder: Path.Combine(folder.Root, name)).Fit(rows), rows.Schema, zip);

        var loaded = new MLContext();
        ITransformer model = loaded.Model.Load(zip, out DataViewSchema schema);
        using PredictionEngine<Row, Cut> engine = loaded.Model.CreatePredictionEngine<Row, Cut>(model, schema);

        Assert.Equal(face.Select(gray => (float)gray), engine.Predict(new Row { ImagePath = "a.pgm" }).Face);
        Assert.Equal(
            ["Box", "Face", "ImagePath", "Label"], model.GetOutputSchema(schema).Where(column => !column.IsHidden).Select(column => column.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void LoadUprightImages_SavedAndLoaded_KeepsTheFolder()
    {
        folder.WriteImage("b/a.ppm", 3, 2, 200, 100, 50);
        IDataView rows = Rows(new Row { ImagePath = "a.ppm" });
        string zip = Path.Combine(folder.Root, "pipeline.zip");
        ml.Model.Save(ml.Transforms.LoadUprightImages("Photo", Path.Combine(folder.Root, "b")).Fit(rows), rows.Schema, zip);

        Photo photo = ml.Data.CreateEnumerable<Photo>(new MLContext().Model.Load(zip, out _).Transform(rows), reuseRowObject: false).Single();
        using MLImage image = photo.Image!;
        Assert.Equal((3, 2, MLPixelFormat.Rgba32), (image.Width, image.Height, image.PixelFormat));
        Assert.Equal([200, 100, 50, 255], image.Pixels[..4].ToArray());
        Assert.Equal(Path.Combine(folder.Root, "b", "a.ppm"), image.Tag);
    }

    // A separate image per row: a caller that keeps several does not find them disposed.
    [Fact]
    public void LoadUprightImages_SeveralRows_EachKeepsItsImage()
    {
        Row[] rows = [.. Enumerable.Range(0, 5).Select(i => new Row { ImagePath = folder.WriteImage($"{i}.png", 4, 4, (byte)(10 * i)) })];
        Photo[] photos = [.. ml.Data.CreateEnumerable<Photo>(ml.Transforms.LoadUprightImages("Photo").Fit(Rows(rows)).Transform(Rows(rows)), reuseRowObject: false)];

        Assert.Equal([0, 10, 20, 30, 40], photos.Select(photo => photo.Image!.Pixels[0]));
        Assert.All(photos, photo => photo.Image!.Dispose());
    }

    [Fact]
    public void LoadFace_CompletePath_IsNotLookedForInTheFolder()
    {
        string path = folder.WritePgm("a.pgm", TemporaryFolder.Face(70));

        Assert.Equal(70, Read(ml.Transforms.LoadFace(imageFolder: "/nowhere"), new Row { ImagePath = path })[5]);
    }

    [Theory]
    [InlineData("", "an image's path is empty in this row")]
    [InlineData("broken.png", "{0}/broken.png: not an image of a known format (BMP, GIF, JPEG, PNG, PNM, TIFF, WebP)")]
    [InlineData("empty.png", "{0}/empty.png: the image file is empty")]
    [InlineData("whole.pgm", "{0}/whole.pgm: a face's box must overlap the frame; the frame has 48x48 pixels, this is *")]
    public void LoadFace_NoImage_NamesTheFile(string path, string expected)
    {
        folder.Write("broken.png", "hello, this is no image");
        folder.Write("empty.png", "");
        folder.WritePgm("whole.pgm", TemporaryFolder.Face(70));

        var e = Assert.Throws<InvalidDataException>(
            () => Read(ml.Transforms.LoadFace(imageFolder: folder.Root, boxColumnName: "Box"), new Row { ImagePath = path, Box = [100, 100, 20, 20] }));
        Assert.StartsWith(string.Format(null, expected, Platform.WithSlashes(folder.Root)).TrimEnd('*'), Platform.WithSlashes(e.Message));
    }

    // ML.NET wraps exceptions of rows that it prefetches.
    [Fact]
    public void LoadFace_BrokenFileAmongRows_IsTheInnermostError()
    {
        IDataView rows = Rows(new Row { ImagePath = folder.Write("broken.png", "hello, this is no image") });
        var e = Assert.Throws<InvalidOperationException>(() => ml.Transforms.LoadFace().Fit(rows).Transform(rows).GetColumn<float[]>("Face").Count());

        Assert.StartsWith($"{folder.At("broken.png")}: not an image", Assert.IsType<InvalidDataException>(e.GetBaseException()).Message);
    }

    [Fact]
    public void LoadFace_NoSuchFile_NamesIt() => Assert.Contains(
        Path.Combine(folder.Root, "missing.png"),
        Assert.Throws<FileNotFoundException>(() => Read(ml.Transforms.LoadFace(imageFolder: folder.Root), new Row { ImagePath = "missing.png" })).Message,
        StringComparison.Ordinal);

    [Fact]
    public void LoadFace_BoxOfNoNumbers_IsRefused() => Assert.StartsWith(
        "a face's box is [NaN, 0, 1, 1], expected four numbers",
        Assert.Throws<InvalidDataException>(() => Read(
            ml.Transforms.LoadFace(boxColumnName: "Box"),
            new Row { ImagePath = folder.WritePgm("a.pgm", TemporaryFolder.Face(70)), Box = [float.NaN, 0, 1, 1] })).Message);

    [Fact]
    public void LoadFace_InCrossValidation_ReadsEveryFold()
    {
        Row[] rows = [.. Enumerable.Range(0, 42).Select(i => new Row { ImagePath = WriteSample(i), Label = Emotions.Labels[i % 7] })];
        var pipeline = ml.Transforms.MapEmotionToKey().Append(ml.Transforms.LoadFace()).Append(ml.Transforms.ScoreEmotion())
            .Append(ml.MulticlassClassification.Trainers.NaiveBayes("Label", "Score"));

        Assert.Equal(3, ml.MulticlassClassification.CrossValidate(Rows(rows), pipeline, numberOfFolds: 3).Count);
    }

    private string WriteSample(int i) => folder.WritePgm($"sample{i}.pgm", SampleFaces.Draw(seed: 5, i));

    private IDataView Rows(params Row[] rows) => ml.Data.LoadFromEnumerable(rows);

    private float[] Read(IEstimator<ITransformer> pipeline, Row row)
    {
        using PredictionEngine<Row, Cut> engine = ml.Model.CreatePredictionEngine<Row, Cut>(pipeline.Fit(Rows(row)));
        return engine.Predict(row).Face;
    }

    private sealed class Row
    {
        public string ImagePath { get; set; } = "";

        public string Label { get; set; } = "";

        [VectorType(4)]
        public float[] Box { get; set; } = [];
    }

    private sealed class Cut
    {
        [VectorType(1, 48, 48)]
        public float[] Face { get; set; } = [];
    }

    private sealed class Photo
    {
        [ColumnName("Photo")]
        [AnyImage]
        public MLImage? Image { get; set; }
    }
}
