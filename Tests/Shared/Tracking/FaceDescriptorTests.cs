using MlNetEmotion.Tracking;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Tracking;

public sealed class FaceDescriptorTests
{
    private static readonly Box Face = new(100, 80, 96, 96);

    [Fact]
    public void SimilarityTo_Itself_IsOne() => Assert.Equal(1, Look(Face).SimilarityTo(Look(Face), 0)!.Value, 1e-5);

    [Theory]
    [InlineData(4, 2, 2, true)]     // of 96 pixels: two and one of the crop's 48
    [InlineData(-4, 4, 2, true)]
    [InlineData(4, 2, 0, false)]
    [InlineData(20, 20, 4, false)]
    public void SimilarityTo_BoxBeside_IsFoundWithinTheShift(int x, int y, int maxShift, bool expected)
    {
        FaceDescriptor beside = Look(Face with { X = Face.X + x, Y = Face.Y + y });

        double similarity = Look(Face).SimilarityTo(beside, maxShift)!.Value;

        Assert.Equal((expected, similarity), (similarity > 0.95, similarity));    // near the edge of either crop the coarse mean is of fewer pixels
    }

    [Fact]
    public void SimilarityTo_Negative_IsMinusOne()
    {
        byte[] crop = new byte[FacePreprocessor.PixelCount];
        FacePreprocessor.ToFace(new Scene().With(new Box(60, 40, 176, 176)).View, Face, crop);
        var negative = new FaceDescriptor();
        negative.Load([.. crop.Select(pixel => (byte)(255 - pixel))]);

        Assert.Equal(-1, Look(Face).SimilarityTo(negative, 0)!.Value, 1e-5);
    }

    [Fact]
    public void SimilarityTo_EvenArea_SaysNothing()
    {
        Assert.Null(Look(Face).SimilarityTo(Look(new Box(400, 200, 96, 96)), FaceDescriptor.MaxShift));
        Assert.Null(Look(Face).SimilarityTo(Look(new Box(-500, 0, 96, 96)), FaceDescriptor.MaxShift));
    }

    [Fact]
    public void Load_BoxOutsideTheFrame_ForgetsTheFaceBefore()
    {
        FaceDescriptor look = Look(Face);
        Assert.NotNull(look.SimilarityTo(Look(Face), 0));

        look.Load(new Scene().View, new Box(-500, 0, 96, 96));

        Assert.Null(look.SimilarityTo(Look(Face), 0));
    }

    // A box's pixels in a scene whose pattern is larger than the face.
    private static FaceDescriptor Look(Box box) => new FaceDescriptor().Load(new Scene().With(new Box(60, 40, 176, 176)).View, box);
}
