using System.Security.Cryptography;
using Google.Protobuf;
using MlNetEmotion.Faces;
using MlNetEmotion.Programs.Samples;
using MlNetEmotion.Trainer.Export.Proto;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Faces;

public sealed class YuNetTests
{
    // SHA-256 of OpenCV's face_detection_yunet_2026may.onnx.
    private const string Published = "ebafce4e3c118d6554634be5c27ab333b4c047a9a8c3faf1d7cf93101c22f0f0";

    private static readonly FaceDetectorOptions Stills = new() { DetectWidth = FaceDetectorOptions.StillDetectWidth };

    [Fact]
    public void ReadDefaultNetwork_IsTheFileThatWasPublished()
    {
        byte[] network = YuNet.ReadDefaultNetwork();

        Assert.Equal(Published, Convert.ToHexStringLower(SHA256.HashData(network)));
        Assert.Equal(File.ReadAllBytes(Photograph.YuNet), network);
        Assert.Contains($"{Published}  face_detection_yunet_2026may.onnx", File.ReadLines(Path.Combine(Path.GetDirectoryName(Photograph.YuNet)!, "SHA256SUMS")));
    }

    [Fact]
    public void LoadDefault_GeneratedFace_IsFoundInItsPlace()
    {
        var drawn = new Box(290, 110, 160, 160);
        using var yunet = YuNet.LoadDefault();
        var faces = new List<FaceDetection>();

        yunet.Detect(new ImageView(FaceRenderer.Render(FaceParameters.Average, 640, 360, drawn), 640, 360, PixelFormat.Gray8), faces);

        FaceDetection face = Assert.Single(faces);
        Assert.InRange(face.Box.Iou(drawn), 0.55, 1);    // a detector frames a face somewhat tighter than from forehead to chin
        Assert.InRange(face.Score, FaceDetection.HighScoreThreshold, 1);
    }

    [Fact]
    public void Load_AnotherModel_SaysWhatWasExpectedAndFound()
    {
        string path = Fixture.Model("tiny");

        var error = Assert.Throws<ModelException>(() => new YuNet(path));
        using FileStream file = File.OpenRead(path);
        Assert.Equal(error.Message, Assert.Throws<ModelException>(() => new YuNet(file)).Message);
        byte[] bytes = File.ReadAllBytes(path);
        Assert.Equal(error.Message.Replace(path, "model", StringComparison.Ordinal), Assert.Throws<ModelException>(() => new YuNet(bytes)).Message);

        Assert.StartsWith($"{path}: not a YuNet face detector; expected one image input and the outputs cls_8, obj_8, ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("found 1 inputs and the outputs probabilities.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(100)]
    [InlineData(150)]
    [InlineData(400)]
    public void Detect_FacesBelowTheLeastSide_AreCounted(int minFacePixels)
    {
        using var photograph = new Photograph("selfie-many-people.jpg");
        using var yunet = YuNet.LoadDefault(Stills with { MinFacePixels = minFacePixels, MinCountedPixels = 20 });
        var faces = new List<FaceDetection>();

        yunet.Detect(photograph.View, faces, out int smaller);

        Assert.Equal(6, faces.Count + smaller);    // people in it
        Assert.All(faces, face => Assert.True(face.Box.Width >= minFacePixels));
    }

    [Fact]
    public void Detect_ImageWithoutPixels_Throws()
    {
        using var yunet = YuNet.LoadDefault();

        Assert.Equal("image", Assert.Throws<ArgumentException>(() => yunet.Detect(default, [])).ParamName);
    }

    [Theory]
    [InlineData(640, 640)]
    [InlineData(320, 256)] // smaller than what is looked for otherwise
    public void Detect_NetworkOfFixedSize_FindsTheSameFace(int width, int height)
    {
        using var photograph = new Photograph("img12.jpg");
        using var free = YuNet.LoadDefault(Stills);
        using var file = new TemporaryFile(Fixed(width, height));
        using var fixedSize = new YuNet(file.Path, Stills);
        List<FaceDetection> expected = [], found = [];

        free.Detect(photograph.View, expected);
        fixedSize.Detect(photograph.View, found);

        Assert.InRange(Assert.Single(found).Box.Iou(Assert.Single(expected).Box), 0.8, 1);
    }

    [Theory]
    [InlineData(640, 360, 400, 1.6)]
    [InlineData(300, 400, 400, 1)]
    [InlineData(360, 640, 400, 1)] // a phone held upright
    [InlineData(20_000, 1200, 1280, 15.625)]
    [InlineData(1200, 20_000, 1280, 2.706329)] // the root of 24 million / (2 · 1280²)
    public void ScaleDown_OfAnImage_IsByWidthAndArea(int width, int height, int detectWidth, double expected) =>
        Assert.Equal(expected, new FaceDetectorOptions { DetectWidth = detectWidth }.ScaleDown(width, height), 1e-6);

    [Fact]
    public void Detect_CloseUps_AreOneFaceEachInItsPlace()
    {
        using var yunet = YuNet.LoadDefault(Stills);
        var wrong = new List<string>();
        foreach (string name in new[] { "img12.jpg", "img16.jpg", "img17.jpg", "img22.jpg" })
        {
            using var photograph = new Photograph(name);
            Box face = Assert.Single(Find(yunet, photograph)).Box;
            foreach ((double margin, int width) in new[] { (0.05, 1280), (0.05, 3000), (0.3, 1280), (0.3, 3000), (0.8, 1280) })
            {
                using Photograph closeUp = photograph.CloseUp(face, margin, width, out Box there);
                FaceDetection[] found = Find(yunet, closeUp);
                if (found.Length != 1 || found[0].Box.Iou(there) < 0.7)
                {
                    wrong.Add($"{name}, margin {margin}, {width} wide: {there} expected, found {string.Join(" ", found.Select(other => $"{other.Box} {other.Score:0.00}"))}");
                }
            }
        }

        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("img12.jpg", 90)]
    [InlineData("img12.jpg", 180)]
    [InlineData("img16.jpg", 120)]
    [InlineData("img16.jpg", 240)]
    [InlineData("img22.jpg", 270)]
    public void Detect_TurnedFace_SaysByHowMuch(string name, int degrees)
    {
        using var photograph = new Photograph(name);
        using Photograph turned = photograph.Turned(degrees);
        using var yunet = YuNet.LoadDefault(Stills);
        double upright = Assert.Single(Find(yunet, photograph)).Landmarks!.Value.TiltRadians;

        double tilt = Assert.Single(Find(yunet, turned)).Landmarks!.Value.TiltRadians;

        // YuNet's points tell a turn to some 15 degrees, twice.
        Assert.InRange(Math.Abs(Math.IEEERemainder((tilt - upright) * 180 / Math.PI - degrees, 360)), 0, 30);
    }

    [Theory]
    [InlineData(-45)]
    [InlineData(30)]
    public void Detect_LeaningFace_IsAsYuNetSeesIt(int degrees)
    {
        using var photograph = new Photograph("img12.jpg");
        using Photograph turned = photograph.Turned(degrees);
        using var yunet = YuNet.LoadDefault(Stills);

        Assert.InRange(Math.Abs(Assert.Single(Find(yunet, turned)).Landmarks!.Value.TiltRadians), 0, Math.PI / 3);
    }

    [Fact]
    public void Load_FixedSizeThatIsNoMultipleOf32_IsRefused()
    {
        using var file = new TemporaryFile(Fixed(640, 500));

        Assert.StartsWith(file.Path + ": ", Assert.Throws<ModelException>(() => new YuNet(file.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Detect_ManyThreads_EachFindsItsOwnFaces()
    {
        using var photograph = new Photograph("img12.jpg");
        using var yunet = YuNet.LoadDefault();
        var expected = new List<FaceDetection>();
        yunet.Detect(photograph.View, expected);
        Assert.Single(expected);

        Parallel.For(0, 20, i =>
        {
            var faces = new List<FaceDetection>();
            if (i % 2 == 0)
            {
                using var same = new Photograph("img12.jpg");
                yunet.Detect(same.View, faces);
                Assert.Equal(expected, faces);
            }
            else
            {
                yunet.Detect(new ImageView(new byte[300 * 200], 300, 200, PixelFormat.Gray8), faces);
                Assert.Empty(faces);
            }
        });
    }

    private static FaceDetection[] Find(YuNet yunet, Photograph photograph)
    {
        var faces = new List<FaceDetection>();
        yunet.Detect(photograph.View, faces);
        return [.. faces.Where(face => face.Score >= FaceDetection.HighScoreThreshold)];
    }

    private static byte[] Fixed(int width, int height)
    {
        ModelProto model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Photograph.YuNet));
        var dimensions = model.Graph.Input[0].Type.TensorType.Shape.Dim;
        (dimensions[2].DimValue, dimensions[3].DimValue) = (height, width);
        return model.ToByteArray();
    }
}
