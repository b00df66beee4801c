using System.IO.Compression;
using static System.Buffers.Binary.BinaryPrimitives;

namespace MlNetEmotion.Images;

/// <summary>Reads the values of PNGs with 16 bits per value, which SkiaSharp reduces to 8. By W3C's PNG, third edition.</summary>
internal static class PngSamples
{
    private const int ValueBytes = 2;

    // Section 8.1: the first column and row of each pass, and the steps between columns and rows.
    private static readonly (int X, int Y, int StepX, int StepY)[] Interlaced =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    /// <summary>Reads gray, or red, green and blue, without alpha.</summary>
    /// <exception cref="InvalidDataException">The file is truncated, damaged or too large.</exception>
    public static Samples Read(byte[] file, int maxMegapixels)
    {
        (int width, int height) = (ReadInt32BigEndian(file.AsSpan(16)), ReadInt32BigEndian(file.AsSpan(20)));
        ImageFile.CheckSize(width, height, "PNG", maxMegapixels);
        bool isColour = (file[25] & 2) != 0;
        int stored = (isColour ? 3 : 1) + ((file[25] & 4) != 0 ? 1 : 0);
        var samples = new Samples(width, height, isColour ? 3 : 1, areUShorts: true);
        try
        {
            using var pixels = new ZLibStream(new MemoryStream(Data(file)), CompressionMode.Decompress);
            foreach ((int X, int Y, int StepX, int StepY) pass in file[28] == 0 ? [(0, 0, 1, 1)] : Interlaced)
            {
                ReadPass(pixels, samples, pass, width, height, stored);
            }
        }
        catch (Exception e) when (e is EndOfStreamException or InvalidDataException)
        {
            throw new InvalidDataException($"truncated or damaged PNG of {width}x{height} pixels", e);
        }

        return samples;
    }

    // Section 11.2.3: the data of all IDAT chunks are one stream.
    private static byte[] Data(ReadOnlySpan<byte> file)
    {
        var data = new MemoryStream();
        var chunks = new PngChunks(file);
        while (chunks.MoveNext())
        {
            if (chunks.Name.SequenceEqual("IDAT"u8))
            {
                data.Write(chunks.Data);
            }
        }

        return data.ToArray();
    }

    private static void ReadPass(Stream pixels, Samples samples, (int X, int Y, int StepX, int StepY) pass, int width, int height, int stored)
    {
        int columns = (width - pass.X + pass.StepX - 1) / pass.StepX;
        int colors = samples.Channels;
        var row = new byte[Math.Max(0, columns) * stored * ValueBytes];
        var above = new byte[row.Length];
        for (int y = pass.Y; y < height && row.Length > 0; y += pass.StepY)
        {
            int filter = pixels.ReadByte();
            pixels.ReadExactly(row);
            Unfilter(filter, row, above, stored * ValueBytes);
            for (int i = 0; i < columns; i++)
            {
                for (int c = 0; c < colors; c++)
                {
                    samples[(((y * width) + pass.X + (i * pass.StepX)) * colors) + c] = ReadUInt16BigEndian(row.AsSpan(((i * stored) + c) * ValueBytes));
                }
            }

            (row, above) = (above, row);
        }
    }

    // Section 9.2: each byte is stored as the difference from a prediction by its neighbours to the left, above, and above left.
    private static void Unfilter(int filter, Span<byte> row, ReadOnlySpan<byte> above, int pixelBytes)
    {
        for (int i = 0; i < row.Length; i++)
        {
            (int left, int corner) = i < pixelBytes ? (0, 0) : (row[i - pixelBytes], above[i - pixelBytes]);
            row[i] += (byte)(filter switch
            {
                0 => 0,
                1 => left,
                2 => above[i],
                3 => (left + above[i]) / 2,
                4 => Paeth(left, above[i], corner),
                _ => throw new InvalidDataException($"filter {filter}"),
            });
        }
    }

    private static int Paeth(int left, int above, int corner)
    {
        int estimate = left + above - corner;
        (int toLeft, int toAbove, int toCorner) = (Math.Abs(estimate - left), Math.Abs(estimate - above), Math.Abs(estimate - corner));
        return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
    }
}
