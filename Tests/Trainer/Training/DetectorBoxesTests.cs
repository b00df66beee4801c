using Microsoft.ML;
using MlNetEmotion.Faces;
using MlNetEmotion.Imaging;
using MlNetEmotion.Programs.Samples;
using MlNetEmotion.Tests.Trainer.Data;
using MlNetEmotion.Trainer.Augmentation;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Training;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Training;

public sealed class DetectorBoxesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string File => folder.At("boxes.safetensors");

    public void Dispose() => folder.Dispose();

    // The box in the whole picture, expressed in the frame that is cut out of it as a data set's author might. Of a drawn face that leans by 40 degrees, YuNet sees
    // about half, in that direction.
    [Theory]
    [InlineData(212, 82, 210, 0, 0)]
    [InlineData(240, 95, 170, 0, 0)]
    [InlineData(230, 70, 200, 20, 0)]
    [InlineData(230, 70, 200, -40, -20)]
    [InlineData(212, 82, 210, 40, 20)]
    public void Find_FaceCutOutOfAPicture_IsItsBoxInThePicture(int x, int y, int side, int leanDegrees, double turnDegrees)
    {
        byte[] upright = FaceRenderer.Render(FaceParameters.Average, 640, 360, new Box(290, 110, 160, 160));
        var (pixels, face) = (new byte[640 * 360], new byte[2304]);
        UprightCrop.Rotate(new ImageView(upright, 640, 360, PixelFormat.Gray8), new Box(50, 10, 640, 360), -leanDegrees * Math.PI / 180, pixels);
        var picture = new ImageView(pixels, 640, 360, PixelFormat.Gray8);
        using var yunet = YuNet.LoadDefault();
        Box box = Assert.Single(yunet.Detect(picture)).Box;
        FacePreprocessor.ToFace(picture, new Box(x, y, side, side), face);

        DetectorBox found = DetectorBoxes.Find(Dataset(face), Cancellation)[0]!.Value;

        // The detector's own tolerances, at another resolution and in other surroundings.
        double pixel = side / 48.0;
        Assert.Equal((box.X + (box.Width / 2.0) - x) / pixel, found.CentreX, 0.05 * 48);
        Assert.Equal((box.Y + (box.Height / 2.0) - y) / pixel, found.CentreY, 0.05 * 48);
        Assert.Equal(box.Width / pixel, found.Side, 0.1 * 48);
        Assert.Equal(turnDegrees, found.TurnRadians * 180 / Math.PI, turnDegrees == 0 ? 0.0 : 7);
    }

    // The canvas is 576 pixels wide, the frame its middle 192; the box of 96 pixels at (220, 240) overlaps a quarter of it.
    [Theory]
    [InlineData(96, 0, "(19, 24) 24 0")]
    [InlineData(96, 55, "(19, 24) 24 55")]
    [InlineData(96, -55, "(19, 24) 24 -55")]
    [InlineData(96, 65, null)]
    [InlineData(96, -65, null)]
    [InlineData(92, 0, null)]
    public void BoxOf_Detection_IsInTheFramesPixelsUnlessDoubtful(int side, double turnDegrees, string? expected)
    {
        (double sine, double cosine) = Math.SinCos(turnDegrees * Math.PI / 180);
        var landmarks = new FaceLandmarks(new(260, 280), new((float)(260 + (30 * cosine)), (float)(280 + (30 * sine))), default, default, default);
        DetectorBox? box = DetectorBoxes.BoxOf([new FaceDetection(new Box(220, 240, side, side), 0.9f, landmarks), new FaceDetection(new Box(192, 192, 192, 192), 0.5f)]);

        Assert.Equal(expected, box is { } found ? FormattableString.Invariant($"({found.CentreX}, {found.CentreY}) {found.Side} {found.TurnRadians * 180 / Math.PI:0}") : null);
    }

    [Fact]
    public void Of_AResumedRun_AreThoseOfItsStart()
    {
        FaceDataset faces = Dataset(SampleFaces.Draw(1, 0), new byte[2304], SampleFaces.Draw(1, 1));
        DetectorBox?[] start = DetectorBoxes.Of(File, faces, "hash", isResumed: false, Cancellation);
        Assert.Equal([true, false, true], start.Select(box => box is not null));
        Assert.Equal(start, DetectorBoxes.Of(File, faces, "hash", isResumed: true, Cancellation));

        // Blank faces have no boxes, so these come from the file.
        FaceDataset blank = Dataset(new byte[2304], new byte[2304], new byte[2304]);
        Assert.Equal(start, DetectorBoxes.Of(File, blank, "hash", isResumed: true, Cancellation));
        Assert.Equal([null, null, null], DetectorBoxes.Of(File, blank, "other", isResumed: true, Cancellation));
        Assert.Equal(start, DetectorBoxes.Of(File, faces, "other", isResumed: false, Cancellation));
    }

    [Fact]
    public void Of_FileCutShort_SaysWhichAndWhatToDo()
    {
        folder.Write("boxes.safetensors", "{}");

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => DetectorBoxes.Of(File, Dataset(new byte[2304]), "hash", isResumed: true, Cancellation));

        Assert.Equal($"{File}: not a checkpoint, or cut short (2 bytes); delete it, and the boxes are found again", error.Message);
    }

    [Fact]
    public void Open_WithBoxes_FindsThemOnceAndSaysHowMany()
    {
        IDataView faces = FaceSource.Samples(trainCount: 14, validationCount: 7, seed: 4);
        TrainingOptions options = TrainingOptions.For("classic") with { Epochs = 1, BatchSize = 7, Augmentation = new AugmentationOptions { DetectorBoxProbability = 0.5f } };
        var directory = new RunDirectory(folder.At("run"));
        using var stop = new CancellationTokenSource();
        IReadOnlyList<DetectorBox?> boxes;
        using (TrainingRun run = Open(options))
        {
            boxes = run.Data.Train.Boxes!;
            Assert.Equal([$"{run.Reference.Name}: the detector found a face in {boxes.Count(box => box is not null)} of 14 training images; any other keeps its own frame"], TrainingNotices.OfTraining(run));
            Assert.Null(run.Data.Validation.Boxes);
            stop.Cancel();
            Assert.Throws<OperationCanceledException>(() => run.Train(progress: null, epochDone: null, stop.Token));
        }

        System.IO.File.SetLastWriteTimeUtc(directory.DetectorBoxes, DateTime.UnixEpoch);
        using TrainingRun resumed = Open(options: null);
        Assert.Equal(boxes, resumed.Data.Train.Boxes);
        Assert.Equal(DateTime.UnixEpoch, System.IO.File.GetLastWriteTimeUtc(directory.DetectorBoxes));

        TrainingRun Open(TrainingOptions? options) => TrainingRun.Open(directory, options, faces, validation: null, new DataReference(), Cancellation);
    }

    private static FaceDataset Dataset(params byte[][] faces) => FaceDataset.Load(MemoryFaces.View([.. faces.Select(face => (Emotion.Happy, face))]));
}
