using System.Text;
using MlNetEmotion.Images;
using Xunit;

namespace MlNetEmotion.Tests.Shared.ML.Images;

public sealed class ImageFormatTests
{
    [Theory]
    [InlineData("\0\0\0\u0018ftypheic\0\0\0\0", "HEIC")]
    [InlineData("\0\0\0\u0018ftypmif1\0\0\0\0", "HEIC")]
    [InlineData("\0\0\0\u001cftypavif\0\0\0\0", "AVIF")]
    [InlineData("\0\0\0\u000cJXL \r\n\u0087\n", "JPEG XL")]
    [InlineData("\0\0\0\u000cjP  \r\n\u0087\n", "JPEG 2000")]
    public void Unreadable_OtherFormat_SaysWhatItIsAndWhatToDo(string file, string format) => Assert.Equal(
        $"an image in the format {format}, which is not read; save it as JPEG or PNG first", ImageFormat.Unreadable(Encoding.Latin1.GetBytes(file)));

    [Fact]
    public void Unreadable_AnimatedWebP_SaysSo() =>
        Assert.Equal("an animated WebP, which is not read; save it as a video, or its images as PNG, first", ImageFormat.Unreadable(WebPFile.Animated()));

    [Theory]
    [InlineData("\u00ff\u00d8\u00ff\u00e0")]
    [InlineData("RIFF\0\0\0\0WEBPVP8 ")]
    [InlineData("\0\0\0\u0018ftypisom\0\0\0\0")]
    [InlineData("hello")]
    [InlineData("")]
    public void Unreadable_AnyOtherFile_IsNull(string file) => Assert.Null(ImageFormat.Unreadable(Encoding.Latin1.GetBytes(file)));

    [Theory]
    [InlineData(6, false, 6)]
    [InlineData(3, true, 3)]    // as older programs write it, with JPEG's header 'Exif'
    [InlineData(9, false, 1)]
    public void Orientation_WebP_IsRead(byte stored, bool hasHeader, int expected)
    {
        byte[] exif = hasHeader ? [.. "Exif\0\0"u8, .. WebPFile.Exif(stored)] : WebPFile.Exif(stored);
        byte[] file = WebPFile.WithExif([.. "RIFF\0\0\0\0WEBPVP8L"u8, 3, 0, 0, 0, 1, 2, 3, 0], 5, 4, exif);

        Assert.Equal(expected, ImageFormat.Orientation(file));
        Assert.All(Enumerable.Range(0, file.Length - 9), length => Assert.Equal(1, ImageFormat.Orientation(file.AsSpan(0, length)) ?? 1));
    }
}
