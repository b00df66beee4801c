using static System.Buffers.Binary.BinaryPrimitives;

namespace MlNetEmotion.Tests.Shared.ML.Images;

/// <summary>Builds extended WebP files by RFC 9649.</summary>
internal static class WebPFile
{
    /// <summary>A TIFF directory with the single tag 0x112 (orientation).</summary>
    public static byte[] Exif(byte orientation) => [.. "II"u8, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>Adds an orientation to an image.</summary>
    /// <param name="webp">A file in the simple format.</param>
    public static byte[] WithExif(byte[] webp, int width, int height, byte[] exif) =>
        File([.. Chunk("VP8X"u8, [8, 0, 0, 0, .. Size(width), .. Size(height)]), .. webp[12..], .. Chunk("EXIF"u8, exif)]);

    /// <summary>The first bytes of an animation.</summary>
    public static byte[] Animated() => File(Chunk("VP8X"u8, [2, 0, 0, 0, .. Size(48), .. Size(48)]));

    private static byte[] File(byte[] chunks)
    {
        byte[] file = [.. "RIFF"u8, 0, 0, 0, 0, .. "WEBP"u8, .. chunks];
        WriteInt32LittleEndian(file.AsSpan(4), file.Length - 8);
        return file;
    }

    private static byte[] Chunk(ReadOnlySpan<byte> name, byte[] content) =>
        [.. name, .. BitConverter.GetBytes(content.Length), .. content, .. new byte[content.Length % 2]];

    private static byte[] Size(int length) => BitConverter.GetBytes(length - 1)[..3];
}
