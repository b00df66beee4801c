using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using BitMiracle.LibTiff.Classic;
using MlNetEmotion.Images;
using Xunit;

namespace MlNetEmotion.Tests.Shared.ML.Images;

/// <summary>Files with other than 8 bits per value, in every storage format of their values.</summary>
public sealed class DeepImageTests : IDisposable
{
    private const int Width = 21;
    private const int Height = 14;
    private const int Tile = 16;

    private readonly string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.tif");

    public void Dispose() => File.Delete(path);

    // Values that rise from pixel to pixel over a range, stretched by hand.
    [Theory]
    [InlineData(typeof(ushort), 100, 9000)]
    [InlineData(typeof(short), -9000, -100)]
    [InlineData(typeof(uint), 70_000, 90_000)]
    [InlineData(typeof(int), -70_000, 90_000)]
    [InlineData(typeof(Half), -3.5, 40)]
    [InlineData(typeof(float), 20.25, 38.5)]
    [InlineData(typeof(double), 20.25, 38.5)]
    public void Decode_TiffOfAnyKind_IsStretched(Type type, double from, double to)
    {
        foreach (int channels in new[] { 1, 3 })
        {
            double[] values = Rising(from, to, channels);
            byte[] expected = Stretched(Stored(values, type), channels);
            foreach ((bool isTiled, bool isPlanar, bool isBigEndian, Compression compression) in new[]
            {
                (false, false, false, Compression.NONE), (false, true, true, Compression.LZW), (true, false, true, Compression.NONE), (true, true, false, Compression.ADOBE_DEFLATE),
            })
            {
                byte[] file = WriteTiff(values, type, channels, channels == 1 ? Photometric.MINISBLACK : Photometric.RGB, isTiled, isPlanar, isBigEndian, compression);
                using StoredImage image = ImageFile.Decode(file, out string? remark);

                Assert.Matches(@"^values from \S+ to \S+ are stretched to 8 bits$", remark);
                Assert.Equal(expected, Rgb(image.View));
            }
        }
    }

    [Fact]
    public void Decode_TiffWhoseSmallestValueIsWhite_IsInverted()
    {
        double[] values = Rising(0, 9000, channels: 1);
        using StoredImage image = ImageFile.Decode(WriteTiff(values, typeof(ushort), 1, Photometric.MINISWHITE), out _);

        Assert.Equal(Stretched(Stored(values, typeof(ushort)), 1).Select(value => (byte)(255 - value)), Rgb(image.View));
    }

    [Theory]
    [InlineData(typeof(float), 0.25, 0.5, "values from 0.25 to 0.5 are stretched to 8 bits")]    // too few levels for integers, not for fractions
    [InlineData(typeof(float), 0, 65535, "values from 0 to 65535 are stretched to 8 bits")]
    [InlineData(typeof(ushort), 100, 120, null)]
    public void Decode_NarrowValues_AreStretchedIfTheyAreFractions(Type type, double from, double to, string? expected)
    {
        ImageFile.Decode(WriteTiff(Rising(from, to, channels: 1), type, 1, Photometric.MINISBLACK), out string? remark).Dispose();

        Assert.Equal(expected, remark);
    }

    [Fact]
    public void Decode_TiffOfTwelveBits_ReadsThemWithoutGaps()
    {
        // Two values in three bytes: 0x000 and 0xFFF, 0x800 and 0x7FF.
        byte[] file = ImageBytes.Tiff(4, 1, 1, 12, 1, null, 1, [0x00, 0x0F, 0xFF, 0x80, 0x07, 0xFF]);
        using StoredImage image = ImageFile.Decode(file, out string? remark);

        Assert.Equal("values from 0 to 4095 are stretched to 8 bits", remark);
        Assert.Equal<byte>([0, 0, 0, 255, 255, 255, 128, 128, 128, 127, 127, 127], Rgb(image.View));    // 2048 · 255 / 4095 = 127.53, 2047 · 255 / 4095 = 127.47
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    public void Decode_DeepTiffOnItsSide_IsTurned(byte orientation)
    {
        byte[] rows = MemoryMarshal.AsBytes<ushort>([0, 1000, 2000, 3000, 4000, 5000]).ToArray();
        using StoredImage image = ImageFile.Decode(ImageBytes.Tiff(3, 2, 1, 16, 1, null, orientation, rows), out _).TurnUpright();

        byte[] grays = orientation == 1 ? [0, 51, 102, 153, 204, 255] : [153, 0, 204, 51, 255, 102];    // 6: rotated clockwise by 90°
        Assert.Equal(orientation == 1 ? (3, 2) : (2, 3), (image.Width, image.Height));
        Assert.Equal(grays.SelectMany(gray => Enumerable.Repeat(gray, 3)), Rgb(image.View));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(2, false)]
    [InlineData(0, true)]
    [InlineData(2, true)]
    public void Decode_DeepPng_ReadsEveryFilterAndPass(byte colorType, bool isInterlaced)
    {
        int channels = colorType == 0 ? 1 : 3;
        double[] values = Stored(Rising(100, 9000, channels), typeof(ushort));
        using StoredImage image = ImageFile.Decode(WritePng(values, colorType, isInterlaced), out string? remark);

        Assert.Equal("values from 100 to 9000 are stretched to 8 bits", remark);
        Assert.Equal(Stretched(values, channels), Rgb(image.View));
    }

    [Fact]
    public void Decode_DeepPngWithoutAllOfItsData_SaysSo()
    {
        byte[] png = ImageBytes.Png(4, 2, 16, 0, new byte[16]);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), 3);    // one more row

        Assert.Equal("truncated or damaged PNG of 4x3 pixels", Assert.Throws<InvalidDataException>(() => ImageFile.Decode(png, out _)).Message);
    }

    [Theory]
    [InlineData("P1\n# bits, with and without blanks\n3 2\n1 0 1\n010", "0 255 0 255 0 255")]
    [InlineData("P2\n3 2 # a comment\n255\n0 1 2 253 254 255", "0 1 2 253 254 255")]
    [InlineData("P3 1 2 255 1 2 3 4 5 6", "1,2,3 4,5,6")]
    [InlineData("P3 1 1 15 0 5 15", "0,85,255")]
    [InlineData("P5 2 1 15 \u0003\u000f", "51 255")]
    public void Decode_PnmOfEachKind_GivesItsValues(string file, string expected)
    {
        using StoredImage image = ImageFile.Decode(Encoding.Latin1.GetBytes(file), out _);

        Assert.Equal(
            expected.Split(' ').Select(pixel => pixel.Split(',')).SelectMany(pixel => pixel.Length == 1 ? [pixel[0], pixel[0], pixel[0]] : pixel),
            Rgb(image.View).Select(value => $"{value}"));
    }

    [Fact]
    public void Decode_PnmOfBits_FillsEachRowToBytes()
    {
        using StoredImage image = ImageFile.Decode([.. "P4 9 2 "u8, 0b0101_0101, 0x80, 0xFF, 0x00], out string? remark);

        Assert.Null(remark);
        Assert.Equal<byte>([255, 0, 255, 0, 255, 0, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255], Rgb(image.View).Where((_, i) => i % 3 == 0));
    }

    [Theory]
    [InlineData("P1 2 2 1 0 1", "truncated PNM: the file ends after 12 bytes")]
    [InlineData("P3 1 1 255 1 2", "truncated PNM: the file ends after 14 bytes")]
    [InlineData("P2 2 1 255 1 x", "truncated PNM: the file ends after 14 bytes")]
    [InlineData("P4 9 2 123", "truncated PNM: the file ends after 10 bytes")]
    [InlineData("P5 2 1 65535 123", "truncated PNM: the file ends after 16 bytes")]
    [InlineData("P6 1 1 255 12", "truncated PNM: the file ends after 13 bytes")]
    [InlineData("P5 2 1 0 12", "PNM with values up to 0, expected 1 to 65535")]
    [InlineData("P5 x 1 255 12", "a damaged or truncated PNM: no size in its header")]
    [InlineData("P2 0 1 255", "PNM of 0x1 pixels, damaged")]
    public void Decode_BrokenPnm_SaysWhy(string file, string expected) =>
        Assert.Equal(expected, Assert.Throws<InvalidDataException>(() => ImageFile.Decode(Encoding.Latin1.GetBytes(file), out _)).Message);

    private static double[] Rising(double from, double to, int channels)
    {
        int last = (Width * Height * channels) - 1;
        return [.. Enumerable.Range(0, last + 1).Select(i => from + (i * (to - from) / last))];
    }

    private static double[] Stored(double[] values, Type type) => [.. values.Select(value => ToDouble(Bytes(value, type), type))];

    private static byte[] Stretched(double[] values, int channels)
    {
        double from = values[0];
        IEnumerable<byte> bytes = values.Select(value => (byte)Math.Round(((float)value - from) * 255 / (values[^1] - from)));
        return [.. channels == 3 ? bytes : bytes.SelectMany(value => Enumerable.Repeat(value, 3))];
    }

    private static byte[] Bytes(double value, Type type) =>
        type == typeof(Half) ? BitConverter.GetBytes((Half)value) : type == typeof(float) ? BitConverter.GetBytes((float)value) : type == typeof(double) ? BitConverter.GetBytes(value)
        : type == typeof(ushort) ? BitConverter.GetBytes((ushort)value) : type == typeof(short) ? BitConverter.GetBytes((short)value)
        : type == typeof(uint) ? BitConverter.GetBytes((uint)value) : BitConverter.GetBytes((int)value);

    private static double ToDouble(byte[] bytes, Type type) =>
        type == typeof(Half) ? (double)BitConverter.ToHalf(bytes) : type == typeof(float) ? BitConverter.ToSingle(bytes) : type == typeof(double) ? BitConverter.ToDouble(bytes)
        : type == typeof(ushort) ? BitConverter.ToUInt16(bytes) : type == typeof(short) ? BitConverter.ToInt16(bytes)
        : type == typeof(uint) ? BitConverter.ToUInt32(bytes) : BitConverter.ToInt32(bytes);

    private static byte[] Rgb(ImageView image)
    {
        var colors = new List<byte>();
        for (int y = 0; y < image.Height; y++)
        {
            for (int x = 0; x < image.Width; x++)
            {
                ReadOnlySpan<byte> pixel = image.Pixels[((y * image.Stride) + (x * image.BytesPerPixel))..];
                colors.AddRange(image.Format == PixelFormat.Gray8 ? [pixel[0], pixel[0], pixel[0]] : [pixel[0], pixel[1], pixel[2]]);
            }
        }

        return [.. colors];
    }

    private byte[] WriteTiff(
        double[] values, Type type, int channels, Photometric photometric, bool isTiled = false, bool isPlanar = false, bool isBigEndian = false, Compression compression = Compression.NONE)
    {
        int size = Bytes(0, type).Length;
        (int columns, int rows) = isTiled ? (Tile, Tile) : (Width, 1);
        (int planes, int together) = isPlanar ? (channels, 1) : (1, channels);
        using (Tiff tiff = Tiff.Open(path, isBigEndian ? "wb" : "wl"))
        {
            tiff.SetField(TiffTag.IMAGEWIDTH, Width);
            tiff.SetField(TiffTag.IMAGELENGTH, Height);
            tiff.SetField(TiffTag.BITSPERSAMPLE, size * 8);
            tiff.SetField(TiffTag.SAMPLESPERPIXEL, channels);
            tiff.SetField(
                TiffTag.SAMPLEFORMAT,
                type == typeof(Half) || type == typeof(float) || type == typeof(double) ? SampleFormat.IEEEFP : type == typeof(short) || type == typeof(int) ? SampleFormat.INT : SampleFormat.UINT);
            tiff.SetField(TiffTag.PHOTOMETRIC, photometric);
            tiff.SetField(TiffTag.PLANARCONFIG, isPlanar ? PlanarConfig.SEPARATE : PlanarConfig.CONTIG);
            tiff.SetField(TiffTag.COMPRESSION, compression);
            if (isTiled)
            {
                tiff.SetField(TiffTag.TILEWIDTH, Tile);
                tiff.SetField(TiffTag.TILELENGTH, Tile);
            }
            else
            {
                tiff.SetField(TiffTag.ROWSPERSTRIP, 5);
            }

            for (int plane = 0; plane < planes; plane++)
            {
                for (int top = 0; top < Height; top += rows)
                {
                    for (int left = 0; left < Width; left += columns)
                    {
                        byte[] block =
                        [
                            .. from y in Enumerable.Range(top, rows) from x in Enumerable.Range(left, columns) from c in Enumerable.Range(plane, together)
                               select Bytes(x < Width && y < Height ? values[(((y * Width) + x) * channels) + c] : 0, type) into bytes from value in bytes select value,
                        ];
                        _ = isTiled ? tiff.WriteTile(block, left, top, 0, (short)plane) > 0 : tiff.WriteScanline(block, top, (short)plane);
                    }
                }
            }
        }

        return File.ReadAllBytes(path);
    }

    // W3C's PNG, sections 8 and 9: each row with a different filter.
    private static byte[] WritePng(double[] values, byte colorType, bool isInterlaced)
    {
        int pixelBytes = colorType == 0 ? 2 : 6;
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            string[] pattern = ["16462646", "77777777", "56565656", "77777777", "36463646", "77777777", "56565656", "77777777"];    // the pass of each pixel of 8x8
            for (char pass = isInterlaced ? '1' : '0'; pass <= (isInterlaced ? '7' : '0'); pass++)
            {
                byte[] above = [];
                int filter = 0;
                for (int y = 0; y < Height; y++)
                {
                    int row = y;
                    byte[] raw =
                    [
                        .. from x in Enumerable.Range(0, Width) where !isInterlaced || pattern[row % 8][x % 8] == pass from c in Enumerable.Range(0, pixelBytes / 2)
                           let value = (ushort)values[(((row * Width) + x) * (pixelBytes / 2)) + c] from part in (byte[])[(byte)(value >> 8), (byte)value] select part,
                    ];
                    if (raw.Length == 0)
                    {
                        continue;
                    }

                    zlib.WriteByte((byte)(filter % 5));
                    for (int i = 0; i < raw.Length; i++)
                    {
                        int a = i < pixelBytes ? 0 : raw[i - pixelBytes];
                        int b = above.Length == 0 ? 0 : above[i];
                        int c = i < pixelBytes || above.Length == 0 ? 0 : above[i - pixelBytes];
                        int[] nearest = [.. new[] { a, b, c }.OrderBy(neighbour => Math.Abs(a + b - c - neighbour))];    // stable: a before b before c
                        zlib.WriteByte((byte)(raw[i] - (filter % 5) switch { 0 => 0, 1 => a, 2 => b, 3 => (a + b) / 2, _ => nearest[0] }));
                    }

                    above = raw;
                    filter++;
                }
            }
        }

        byte[] png = ImageBytes.Png(Width, Height, 16, colorType, new byte[Height], ("IDAT", packed.ToArray()));
        int own = png.AsSpan().LastIndexOf("IDAT"u8) - 4;    // the helper's own pixels
        int end = png.AsSpan().LastIndexOf("IEND"u8) - 4;
        byte[] file = [.. png[..own], .. png[end..]];
        file[28] = (byte)(isInterlaced ? 1 : 0);
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(29), ImageBytes.Crc(file.AsSpan(12, 17)));
        return file;
    }
}
