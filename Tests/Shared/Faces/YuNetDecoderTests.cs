using System.Numerics;
using MlNetEmotion.Faces;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Faces;

public sealed class YuNetDecoderTests
{
    private readonly YuNetGrid[] grids = YuNetGrid.For(64, 32); // grids of 8x4, 4x2 and 2x1 cells
    private readonly List<FaceDetection> faces = [];

    [Fact]
    public void Decode_OneCell_IsItsFaceInTheFramesPixels()
    {
        // Stride 8, column 3, row 1: the middle is (3.5, 1.5)·8 = (28, 12), the height 2·8 = 16, the side 0.92·16 = 14.72.
        Set(grid: 0, cell: 11, classProbability: 0.81f, objectness: 1, height: 2);
        grids[0].Landmarks.Values.Span[110] = 0.25f;    // the right eye's x: (3 + 0.25)·8 = 26, y: 8

        FaceDetection face = Assert.Single(Decode(new Vector2(2), 1));

        // Twice as large in the frame: from (41.28, 9.28), 29.44 a side.
        Assert.Equal(new Box(41, 9, 29, 29), face.Box);
        Assert.Equal(0.9f, face.Score, 1e-6);    // the square root of 0.81
        Assert.Equal(new Vector2(52, 16), face.Landmarks!.Value.RightEye);
        Assert.Equal(new Vector2(48, 16), face.Landmarks!.Value.LeftEye);
    }

    [Fact]
    public void Decode_OtherScaleAcrossThanDown_IsBySides()
    {
        // As above: (28, 12), the side 14.72, so from (20.64, 4.64).
        Set(grid: 0, cell: 11, classProbability: 0.81f, objectness: 1, height: 2);
        grids[0].Landmarks.Values.Span[110] = 0.25f;

        FaceDetection face = Assert.Single(Decode(new Vector2(2, 3), 1));

        Assert.Equal(new Vector2(52, 24), face.Landmarks!.Value.RightEye);
        Assert.Equal((56, 36), (face.Box.X + (face.Box.Width / 2.0), face.Box.Y + (face.Box.Height / 2.0)), (a, b) => Math.Abs(a.Item1 - b.Item1) <= 1 && Math.Abs(a.Item2 - b.Item2) <= 1);
    }

    [Fact]
    public void Decode_OverlappingGuesses_LeavesTheBest()
    {
        Set(grid: 0, cell: 11, classProbability: 0.8f, objectness: 0.8f, height: 2);
        Set(grid: 0, cell: 12, classProbability: 0.9f, objectness: 0.9f, height: 3);
        Set(grid: 1, cell: 0, classProbability: 0.7f, objectness: 0.7f, height: 1);

        Decode(Vector2.One, 1);

        // Boxes of 15 and 22 pixels a side, 8 apart, overlap by 0.36; the coarse cell's face is elsewhere.
        Assert.Equal([0.9f, 0.7f], faces.Select(face => MathF.Round(face.Score, 4)));
    }

    [Theory]
    [InlineData(0.5f, 0.2f, 1)] // a score of 0.32
    [InlineData(0.9f, 0.9f, 30)] // 15 pixels
    public void Decode_UnsureOrSmall_IsNoFace(float classProbability, float objectness, int minFacePixels)
    {
        Set(grid: 0, cell: 11, classProbability, objectness, height: 2);

        Assert.Empty(Decode(Vector2.One, minFacePixels));
    }

    [Theory]
    [InlineData("class", float.NaN)]
    [InlineData("objectness", float.NaN)]
    [InlineData("x", float.NaN)]
    [InlineData("y", float.NegativeInfinity)]
    [InlineData("x", 1e6f)] // 8 million pixels to the right
    [InlineData("height", float.NaN)]
    [InlineData("height", 100)] // the exponential of which no image has
    [InlineData("height", float.PositiveInfinity)]
    [InlineData("eye", float.NaN)]
    [InlineData("mouth", float.PositiveInfinity)]
    public void Decode_NumbersThatAreNoPlace_AreNoFace(string which, float value)
    {
        Set(grid: 0, cell: 11, classProbability: 0.9f, objectness: 0.9f, height: 2);
        Set(grid: 1, cell: 0, classProbability: 0.7f, objectness: 0.7f, height: 1);
        (Memory<float> values, int index) = which switch
        {
            "class" => (grids[0].Class.Values, 11),
            "objectness" => (grids[0].Objectness.Values, 11),
            "x" => (grids[0].Boxes.Values, 44),
            "y" => (grids[0].Boxes.Values, 45),
            "height" => (grids[0].Boxes.Values, 47),
            "eye" => (grids[0].Landmarks.Values, 110),
            _ => (grids[0].Landmarks.Values, 119),
        };
        values.Span[index] = value;

        Assert.Equal(0.7f, Assert.Single(Decode(Vector2.One, 1)).Score, 1e-6);
    }

    [Fact]
    public void Decode_SureFacesBelowTheLeastSide_AreCountedOnceEach()
    {
        Set(grid: 0, cell: 11, classProbability: 0.8f, objectness: 0.8f, height: 2);    // 15 pixels
        Set(grid: 0, cell: 12, classProbability: 0.7f, objectness: 0.7f, height: 2);    // the same face: they overlap by a third
        Set(grid: 0, cell: 24, classProbability: 0.9f, objectness: 0.9f, height: 1);    // 7 pixels
        Set(grid: 0, cell: 31, classProbability: 0.5f, objectness: 0.5f, height: 2);    // unsure
        Set(grid: 1, cell: 0, classProbability: 0.9f, objectness: 0.9f, height: 1);    // 15 pixels
        var decoder = new YuNetDecoder();

        Assert.Equal(2, decoder.Decode(grids, Vector2.One, new YuNetRange(16) { MinCountedSide = 10 }, faces));
        Assert.Equal(3, decoder.Decode(grids, Vector2.One, new YuNetRange(16) { MinCountedSide = 7 }, faces));
        Assert.Equal(0, decoder.Decode(grids, Vector2.One, new YuNetRange(16) { MinCountedSide = 16 }, faces));
        Assert.Equal(0, decoder.Decode(grids, Vector2.One, new YuNetRange(16), faces));
        Assert.Empty(faces);
        faces.Add(new FaceDetection(new Box(20, 4, 31, 31), 0.9f));
        Assert.Equal(1, decoder.Decode(grids, Vector2.One, new YuNetRange(16) { MinCountedSide = 10 }, faces));    // what lies in a face is part of it
    }

    [Fact]
    public void Decode_WithinALargerFaceOfBefore_IsPartOfIt()
    {
        faces.Add(new FaceDetection(new Box(0, 0, 31, 31), 0.6f));
        Set(grid: 0, cell: 11, classProbability: 0.9f, objectness: 0.9f, height: 2);    // 15 pixels from (21, 5), of which ten are inside
        Set(grid: 0, cell: 5, classProbability: 0.9f, objectness: 0.9f, height: 2);    // from (37, -3): beside it

        Assert.Equal([new Box(0, 0, 31, 31), new Box(37, -3, 15, 15)], Decode(Vector2.One, 1).Select(face => face.Box));
    }

    [Fact]
    public void Decode_LargerThanWanted_IsNoFace()
    {
        Set(grid: 0, cell: 11, classProbability: 0.9f, objectness: 0.9f, height: 2);    // 15 pixels

        new YuNetDecoder().Decode(grids, Vector2.One, new YuNetRange(1, MaxSide: 14), faces);

        Assert.Empty(faces);
    }

    private List<FaceDetection> Decode(Vector2 scale, int minFacePixels)
    {
        new YuNetDecoder().Decode(grids, scale, new YuNetRange(minFacePixels), faces);
        return faces;
    }

    private void Set(int grid, int cell, float classProbability, float objectness, float height)
    {
        YuNetGrid cells = grids[grid];
        cells.Class.Values.Span[cell] = classProbability;
        cells.Objectness.Values.Span[cell] = objectness;
        float[] box = [0.5f, 0.5f, 0, MathF.Log(height)];
        box.CopyTo(cells.Boxes.Values.Span[(4 * cell)..]);
    }
}
