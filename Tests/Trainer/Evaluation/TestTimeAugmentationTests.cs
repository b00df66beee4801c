using MlNetEmotion.Trainer.Evaluation;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Evaluation;

public sealed class TestTimeAugmentationTests
{
    [Theory]
    [InlineData(0, 0)] // as it is
    [InlineData(2, 2)] // content moves left: column x shows column x + 2
    [InlineData(4, -2)] // right
    [InlineData(6, 0)] // up and down leave columns alone
    [InlineData(8, 0)]
    public void Write_FaceOfItsColumns_ShiftsThemAndThenMirrors(int view, int offset)
    {
        byte[] views = Views((x, _) => x);
        for (int x = 0; x < 48; x++)
        {
            Assert.Equal(Math.Clamp(x + offset, 0, 47), At(views, view, x, 20));
            Assert.Equal(Math.Clamp(47 - x + offset, 0, 47), At(views, view + 1, x, 20));
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 0)]
    [InlineData(4, 0)]
    [InlineData(6, 2)] // content moves up: row y shows row y + 2
    [InlineData(8, -2)] // down
    public void Write_FaceOfItsRows_ShiftsThem(int view, int offset)
    {
        byte[] views = Views((_, y) => y);
        for (int y = 0; y < 48; y++)
        {
            Assert.Equal(Math.Clamp(y + offset, 0, 47), At(views, view, 20, y));
            Assert.Equal(Math.Clamp(y + offset, 0, 47), At(views, view + 1, 20, y));
        }
    }

    // On a plane of columns, a crop of 24 at column c shows c - 0.25 + x / 2.
    [Theory]
    [InlineData(0, 12)]
    [InlineData(2, 0)]
    [InlineData(4, 24)]
    [InlineData(6, 0)]
    [InlineData(8, 24)]
    public void WriteCrops_FaceOfItsColumns_EnlargesMiddleAndCornersAndMirrors(int view, int left)
    {
        byte[] face = [.. Enumerable.Range(0, 48 * 48).Select(i => (byte)(4 * (i % 48)))];
        var views = new byte[10 * face.Length];
        TestTimeAugmentation.Write(face, crop: 24, views);
        for (int x = 1; x < 47; x++)
        {
            Assert.Equal((4 * (left - 0.25 + (x / 2.0))), At(views, view, x, 20), 0.5);
            Assert.Equal(At(views, view, x, 20), At(views, view + 1, 47 - x, 20));
        }
    }

    private static byte[] Views(Func<int, int, int> pixel)
    {
        byte[] face = [.. Enumerable.Range(0, 48 * 48).Select(i => (byte)pixel(i % 48, i / 48))];
        var views = new byte[10 * face.Length];
        Assert.Equal(10, TestTimeAugmentation.ViewCount);
        TestTimeAugmentation.Write(face, crop: 0, views);
        return views;
    }

    private static int At(byte[] views, int view, int x, int y) => views[(view * 48 * 48) + (y * 48) + x];
}
