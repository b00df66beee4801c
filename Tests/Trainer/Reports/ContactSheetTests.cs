using MlNetEmotion.Trainer.Reports;
using SkiaSharp;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Reports;

public sealed class ContactSheetTests
{
    [Fact]
    public void ToPng_ThirteenFacesAndOne_HasTheSizeOfTwelveColumnsAndThreeRows()
    {
        // Width: 8 + 12 * (96 + 8) = 1256. Height: (28 + 2 * 104) + (28 + 104) + 8 = 376.
        using SKBitmap sheet = Decode([Faces(13), Faces(1)]);
        Assert.Equal((1256, 376), (sheet.Width, sheet.Height));
    }

    [Fact]
    public void ToPng_FewFaces_IsAsNarrowAsTheyAre()
    {
        using SKBitmap sheet = Decode([Faces(3), Faces(2)]);
        Assert.Equal(8 + (3 * 104), sheet.Width);
    }

    [Theory]
    [InlineData(0, 8, 36)] // first group: space 28, margin 8
    [InlineData(11, 8 + (11 * 104), 36)]
    [InlineData(12, 8, 36 + 104)] // second row
    [InlineData(13, 8, 28 + (2 * 104) + 28 + 8)] // second group
    public void ToPng_Face_StandsInItsCellWithWhiteAround(int face, int x, int y)
    {
        byte[][] faces = Faces(14);
        using SKBitmap sheet = Decode([faces[..13], faces[13..]]);
        int value = faces[face][0];
        Assert.Equal(value, At(sheet, x, y));
        Assert.Equal(value, At(sheet, x + 95, y + 95));
        Assert.Equal(255, At(sheet, x - 1, y));
        Assert.Equal(255, At(sheet, x, y - 1));
        Assert.Equal(255, At(sheet, x + 96, y + 95));
        Assert.Equal(255, At(sheet, x + 95, y + 96));
    }

    [Fact]
    public void ToPng_Pixel_BecomesTwoByTwo()
    {
        byte[] face = [.. Enumerable.Range(0, 48 * 48).Select(i => (byte)((i % 48) + (3 * (i / 48))))];
        using SKBitmap sheet = Decode([[face]]);
        Assert.All(Enumerable.Range(0, 96 * 96), i =>
        {
            (int x, int y) = (i % 96, i / 96);
            Assert.Equal((x / 2) + (3 * (y / 2)), At(sheet, 8 + x, 36 + y));
        });
    }

    private static byte[][] Faces(int count) =>
        [.. Enumerable.Range(0, count).Select(i => Enumerable.Repeat((byte)(10 * (i + 1)), 48 * 48).ToArray())];

    private static SKBitmap Decode(IReadOnlyList<byte[][]> groups) => SKBitmap.Decode(ContactSheet.ToPng(groups));

    private static int At(SKBitmap image, int x, int y) => image.GetPixel(x, y).Green;
}
