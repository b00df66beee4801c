using System.Numerics;
using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Imaging;
using MlNetEmotion.Native.OpenCv;
using MlNetEmotion.Tracking;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Faces;

public sealed class YuNetDecoderTests
{
    private readonly YuNetOutputs outputs = new(64, 32); // grids of 8x4, 4x2 and 2x1 cells
    private readonly YuNetDecoder decoder = new();

    [Fact]
    public void Decode_OneCell_IsItsFaceInTheFramesPixels()
    {
        // Stride 8, column 3, row 1: the middle is (3.5, 1.5)·8 = (28, 12), the height 2·8 = 16, the side 0.92·16 = 14.72.
        Set(grid: 0, cell: 11, classProbability: 0.81f, objectness: 1, height: 2);
        outputs.Grids[0].Landmarks.Values[110] = 0.25f;    // the right eye's x: (3 + 0.25)·8 = 26, y: 8

        using FrameScaler scaler = Scaler(frameWidth: 128);
        FaceDetection face = Assert.Single(decoder.Decode(outputs, scaler, 1).ToArray());

        // Twice as large in the frame: from (41.28, 9.28), 29.44 a side.
        Assert.Equal(new Box(41, 9, 29, 29), face.Box);
        Assert.Equal(0.9f, face.Score, 1e-6);    // the square root of 0.81
        Assert.Equal(new Vector2(52, 16), face.Landmarks!.Value.RightEye);
        Assert.Equal(new Vector2(48, 16), face.Landmarks!.Value.LeftEye);
    }

    [Fact]
    public void Decode_OverlappingGuesses_LeavesTheBest()
    {
        Set(grid: 0, cell: 11, classProbability: 0.8f, objectness: 0.8f, height: 2);
        Set(grid: 0, cell: 12, classProbability: 0.9f, objectness: 0.9f, height: 3);
        Set(grid: 1, cell: 0, classProbability: 0.7f, objectness: 0.7f, height: 1);

        using FrameScaler scaler = Scaler(frameWidth: 64);
        FaceDetection[] faces = decoder.Decode(outputs, scaler, 1).ToArray();

        // Boxes of 15 and 22 pixels a side, 8 apart, overlap by 0.36; the coarse cell's face is elsewhere.
        Assert.Equal([0.7f, 0.9f], faces.Select(face => MathF.Round(face.Score, 4)));
    }

    [Theory]
    [InlineData(0.5f, 0.2f, 1)] // a score of 0.32
    [InlineData(0.9f, 0.9f, 30)] // 15 pixels
    public void Decode_UnsureOrSmall_IsNoFace(float classProbability, float objectness, int minFacePixels)
    {
        Set(grid: 0, cell: 11, classProbability, objectness, height: 2);

        using FrameScaler scaler = Scaler(frameWidth: 64);
        Assert.Equal(0, decoder.Decode(outputs, scaler, minFacePixels).Length);
    }

    [Fact]
    public void Unpack_Frame_IsThreePlanesWithBlackBeyondIt()
    {
        float[] planes = [.. Enumerable.Repeat(9f, 3 * 2 * 3)];
        YuNetFaceDetector.Unpack(new ImageView([1, 2, 3, 4, 5, 6], 2, 1, PixelFormat.Bgr24), planes, width: 3, height: 2);

        Assert.Equal([1, 4, 0, 0, 0, 0, 2, 5, 0, 0, 0, 0, 3, 6, 0, 0, 0, 0], planes);
    }

    private static FrameScaler Scaler(int frameWidth)
    {
        var scaler = new FrameScaler(64);
        using Mat frame = Mat.FromPixels(new ImageView(new byte[frameWidth * frameWidth / 2], frameWidth, frameWidth / 2, PixelFormat.Gray8));
        scaler.Scale(frame);
        return scaler;
    }

    private void Set(int grid, int cell, float classProbability, float objectness, float height)
    {
        YuNetOutputs.Grid cells = outputs.Grids[grid];
        cells.Class.Values[cell] = classProbability;
        cells.Objectness.Values[cell] = objectness;
        float[] box = [0.5f, 0.5f, 0, MathF.Log(height)];
        box.CopyTo(cells.Boxes.Values[(4 * cell)..]);
    }
}
