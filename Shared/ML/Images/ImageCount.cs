using static System.Buffers.Binary.BinaryPrimitives;

namespace MlNetEmotion.Images;

/// <summary>Counts the images in a file; decoders return only the first.</summary>
internal static class ImageCount
{
    // The offsets of a damaged file may form a cycle.
    private const int MaxDirectories = 10_000;

    // TIFF's NewSubfileType: a smaller copy of another image, and a transparency mask.
    private const int ReducedResolution = 1;
    private const int Mask = 4;

    // The MPF type of panoramas, stereo pairs and multiple views.
    private const int MultiFrame = 2;
    private const int EntryLength = 16;

    /// <summary>Returns a clause on a file of several images, for example <c>the first of 3 images, the others are not looked at</c>; null for one.</summary>
    public static string? Remark(ReadOnlySpan<byte> file) =>
        Of(file) is > 1 and int count ? $"the first of {count} images, the others are not looked at" : null;

    /// <summary>Returns the number of images: a TIFF's pages, the frames of an animated PNG or a GIF, the images of a multi-image JPEG (MPO), without
    /// reduced copies, masks and gain maps. 1 for other formats and damaged files.</summary>
    public static int Of(ReadOnlySpan<byte> file)
    {
        try
        {
            return Math.Max(1, file switch
            {
                _ when ImageFormat.IsTiff(file) => TiffPages(file),
                _ when ImageFormat.IsPng(file) => PngFrames(file),
                [(byte)'G', (byte)'I', (byte)'F', (byte)'8', ..] => GifImages(file),
                [0xFF, 0xD8, ..] => JpegImages(file),
                _ => 1,
            });
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            return 1;    // truncated, which the decoder reports
        }
    }

    // TIFF 6.0, section 2: a linked list of directories, each with the offset of the next; 0 ends it.
    private static int TiffPages(ReadOnlySpan<byte> file)
    {
        var tiff = new TiffReader(file);
        int pages = 0;
        long directory = tiff.First;
        for (int i = 0; i < MaxDirectories && directory > 0 && directory < file.Length; i++)
        {
            long type = tiff.Value(directory, 254) ?? 0;
            pages += (type & (ReducedResolution | Mask)) == 0 ? 1 : 0;
            directory = tiff.Next(directory);
        }

        return pages;
    }

    // W3C's PNG, third edition, 11.3.5: 'acTL' precedes the pixels.
    private static int PngFrames(ReadOnlySpan<byte> file) =>
        PngChunks.Find(file, "acTL"u8, pastPixels: false) is { IsEmpty: false } control ? (int)Math.Min(ReadUInt32BigEndian(control), int.MaxValue) : 1;

    // GIF89a: the header and its colour table, then blocks: extensions (0x21) and images (0x2C), both ending in sub-blocks with a length byte.
    private static int GifImages(ReadOnlySpan<byte> file)
    {
        int position = 13 + ColorBytes(file[10]);
        int images = 0;
        while (position < file.Length && file[position] is 0x21 or 0x2C)
        {
            bool isImage = file[position] == 0x2C;
            position += isImage ? 11 + ColorBytes(file[position + 9]) : 2;
            for (; position < file.Length && file[position] > 0; position += 1 + file[position])
            {
            }

            position++;
            images += isImage ? 1 : 0;
        }

        return images;

        static int ColorBytes(byte flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);
    }

    // CIPA DC-007: an APP2 segment 'MPF' contains a TIFF directory, whose tag 0xB002 lists the images.
    private static int JpegImages(ReadOnlySpan<byte> file)
    {
        int position = 2;
        while (file[position] == 0xFF && file[position + 1] is not (0xDA or 0xD9))
        {
            int length = file[position + 1] == 0xFF ? -1 : ReadUInt16BigEndian(file[(position + 2)..]);
            if (file[position + 1] == 0xE2 && file[(position + 4)..].StartsWith("MPF\0"u8))
            {
                return MpfImages(file, file.Slice(position + 8, length - 6));
            }

            position += 2 + length;
        }

        return 1;
    }

    private static int MpfImages(ReadOnlySpan<byte> file, ReadOnlySpan<byte> mpf)
    {
        var index = new TiffReader(mpf);
        (long bytes, long start) = (index.Value(index.First, 0xB001) * EntryLength ?? 0, index.Value(index.First, 0xB002) ?? 0);

        // Phones store the brightness for HDR screens (a gain map) as a second image, for which this standard has no type.
        bool hasGainMap = file.IndexOf("hdrgm"u8) >= 0;
        int images = 1;
        for (long entry = start + EntryLength; entry < start + bytes; entry += EntryLength)
        {
            uint type = index.Long(mpf[(int)entry..]) & 0xFFFFFF;
            images += type >> 16 == MultiFrame || (type == 0 && !hasGainMap) ? 1 : 0;
        }

        return images;
    }
}
