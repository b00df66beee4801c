using System.Text;
using MlNetEmotion.Images;
using Xunit;

namespace MlNetEmotion.Tests.Shared.ML.Images;

public sealed class ImageCountTests
{
    // Each page's NewSubfileType: 0 an image, 1 a smaller copy, 4 a mask; -1 for a page without it.
    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, -1)]
    [InlineData(3, 0, 0, 0)]
    [InlineData(2, -1, 1, 2, 4)] // 2: one page of several
    [InlineData(1, 0, 1, 5)]
    public void Of_Tiff_CountsThePagesThatAreNoCopiesOrMasks(int expected, params int[] types)
    {
        foreach (bool isLittleEndian in new[] { true, false })
        {
            Assert.Equal(expected, ImageCount.Of(Tiff(isLittleEndian, types)));
        }
    }

    [Fact]
    public void Of_TiffThatLeadsInCircles_Ends()
    {
        byte[] tiff = Tiff(isLittleEndian: true, 0, 0);
        tiff.AsSpan(4, 4).CopyTo(tiff.AsSpan(tiff.Length - 4));    // the last page is followed by the first

        Assert.InRange(ImageCount.Of(tiff), 3, 10_000);
    }

    [Theory]
    [InlineData("acTL", 3, 3)]
    [InlineData("acTL", 1, 1)]
    [InlineData("tEXt", 3, 1)]
    public void Of_Png_IsWhatTheAnimationSays(string chunk, byte frames, int expected)
    {
        byte[] png = [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, 0, 0, 0, 13, .. "IHDR"u8, .. new byte[17],
            0, 0, 0, 8, .. Encoding.ASCII.GetBytes(chunk), 0, 0, 0, frames, 0, 0, 0, 0, .. new byte[4], 0, 0, 0, 0, .. "IDAT"u8, 0, 0, 0, 0];

        Assert.Equal(expected, ImageCount.Of(png));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Of_Gif_CountsItsImages(int expected)
    {
        // Images of one pixel and two colours, each after an extension of one block; the second has a local colour table.
        byte[] extension = [0x21, 0xF9, 4, 0, 0, 0, 0, 0];
        byte[] image = [0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x4C, 1, 0];
        byte[] coloured = [0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0x80, 0, 0, 0, 9, 9, 9, 2, 2, 0x4C, 1, 0];
        byte[] gif = [.. "GIF89a"u8, 1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 90, 90, 90,
            .. Enumerable.Range(0, expected).SelectMany(i => (byte[])[.. extension, .. i == 1 ? coloured : image]), 0x3B];

        Assert.Equal(expected, ImageCount.Of(gif));
    }

    [Theory]
    [InlineData(0x020002u, "", 2)] // a stereo pair
    [InlineData(0u, "", 2)] // a burst, whose images have no type
    [InlineData(0u, "hdrgm", 1)] // a gain map
    [InlineData(0x010001u, "", 1)] // a larger thumbnail
    public void Of_Jpeg_CountsThoseOfMpf(uint type, string marker, int expected)
    {
        byte[] index = [.. "II"u8, 42, 0, 8, 0, 0, 0, 2, 0,
            0x01, 0xB0, 4, 0, 1, 0, 0, 0, 2, 0, 0, 0,
            0x02, 0xB0, 7, 0, 32, 0, 0, 0, 38, 0, 0, 0, 0, 0, 0, 0,
            .. BitConverter.GetBytes(0x030000), .. new byte[12], .. BitConverter.GetBytes(type), .. new byte[12]];
        byte[] jpeg = [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 0, 0, 0xFF, 0xE2, 0, (byte)(index.Length + 6), .. "MPF\0"u8, .. index,
            0xFF, 0xE1, 0, (byte)(marker.Length + 2), .. Encoding.ASCII.GetBytes(marker), 0xFF, 0xDA];

        Assert.Equal(expected, ImageCount.Of(jpeg));
        Assert.Equal(expected == 2 ? "the first of 2 images, the others are not looked at" : null, ImageCount.Remark(jpeg));
    }

    [Fact]
    public void Of_FileCutAnywhere_IsAtLeastOneAndNeverThrows()
    {
        byte[] tiff = Tiff(isLittleEndian: true, 0, 0, 0);
        Assert.All(Enumerable.Range(0, tiff.Length), length => Assert.InRange(ImageCount.Of(tiff.AsSpan(0, length)), 1, 3));
    }

    // A chain of directories without pixels.
    private static byte[] Tiff(bool isLittleEndian, params int[] types)
    {
        var file = new List<byte>();
        file.AddRange(isLittleEndian ? "II"u8 : "MM"u8);
        Add(42, 2);
        Add(8, 4);
        for (int i = 0; i < types.Length; i++)
        {
            Add(1, 2);
            Add(types[i] < 0 ? 256 : 254, 2);
            Add(4, 2);
            Add(1, 4);
            Add(Math.Max(0, types[i]), 4);
            Add(i + 1 < types.Length ? file.Count + 4 : 0, 4);
        }

        return [.. file];

        void Add(int value, int length)
        {
            byte[] bytes = BitConverter.GetBytes(value)[..length];
            file.AddRange(isLittleEndian ? bytes : bytes.Reverse());
        }
    }
}
