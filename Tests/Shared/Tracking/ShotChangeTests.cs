using MlNetEmotion.Tracking;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Tracking;

public sealed class ShotChangeTests
{
    private static readonly Box Large = new(40, 20, 560, 320);

    [Fact]
    public void IsCut_FirstFrame_IsNone() => Assert.False(new ShotChange().IsCut(new Scene().View));

    [Fact]
    public void IsCut_AnotherImage_IsOneOnce()
    {
        Assert.True(After(new Scene().With(Large), new Scene().With(Large, seed: 2)));
        Assert.False(After(new Scene().With(Large, seed: 2), new Scene().With(Large, seed: 2)));
    }

    [Fact]
    public void IsCut_ToBlack_IsOneButBlackAfterBlackIsNone()
    {
        Assert.True(After(new Scene().With(Large), new Scene()));
        Assert.False(After(new Scene(), new Scene()));
    }

    [Fact]
    public void IsCut_FaceThatMovesOrDarkerLight_IsNone()
    {
        Assert.False(After(new Scene().With(Large), new Scene().With(Large with { X = Large.X + 8 })));
        byte[] dark = [.. new Scene().With(Large).View.Pixels.ToArray().Select(pixel => (byte)(pixel / 3))];
        var shots = new ShotChange();
        shots.IsCut(new Scene().With(Large).View);

        Assert.False(shots.IsCut(new ImageView(dark, Scene.Width, Scene.Height, PixelFormat.Gray8)));
    }

    [Fact]
    public void IsCut_SameImageInAnotherFormatAndSize_IsNone()
    {
        ImageView gray = new Scene().With(Large).View;
        byte[] colours = [.. gray.Pixels.ToArray().SelectMany(pixel => Enumerable.Repeat(pixel, 4))];
        var shots = new ShotChange();
        shots.IsCut(gray);

        Assert.False(shots.IsCut(new ImageView(colours, Scene.Width, Scene.Height, PixelFormat.Bgra32)));
    }

    private static bool After(Scene first, Scene second)
    {
        var shots = new ShotChange();
        shots.IsCut(first.View);
        return shots.IsCut(second.View);
    }
}
