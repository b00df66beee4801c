namespace MlNetEmotion.Images;

/// <summary>Decodes Netpbm files: text and binary PBM, PGM and PPM of up to 16 bits per value.</summary>
internal static class PnmImage
{
    /// <summary>Whether a file begins with a Netpbm signature.</summary>
    public static bool Is(ReadOnlySpan<byte> file) => file is [(byte)'P', >= (byte)'1' and <= (byte)'6', ..];

    /// <summary>Decodes a file whose values need no stretching.</summary>
    /// <exception cref="InvalidDataException">The file is truncated, damaged or too large.</exception>
    public static StoredImage Decode(byte[] file, int maxMegapixels)
    {
        Header header = Header.Read(file);
        ImageFile.CheckSize(header.Width, header.Height, "PNM", maxMegapixels);
        if (header is not { Kind: 5 or 6, Maximum: byte.MaxValue })
        {
            return ReadSamples(file, maxMegapixels).Stretch(new SampleRange(0, header.Maximum), orientation: 1);
        }

        CheckLength(file, header, (long)header.Width * header.Height * header.Channels);
        return new StoredImage(file.AsMemory(header.Start), header.Width, header.Height, header.Channels == 1 ? PixelFormat.Gray8 : PixelFormat.Rgb24, orientation: 1);
    }

    /// <summary>Reads the values of any Netpbm file.</summary>
    /// <exception cref="InvalidDataException">The file is truncated, damaged or too large.</exception>
    public static Samples ReadSamples(ReadOnlySpan<byte> file, int maxMegapixels)
    {
        Header header = Header.Read(file);
        ImageFile.CheckSize(header.Width, header.Height, "PNM", maxMegapixels);
        var samples = new Samples(header.Width, header.Height, header.Channels, areUShorts: true) { IsInverted = header.Kind is 1 or 4 };
        int position = header.Start;
        if (header.Kind <= 3)
        {
            for (int i = 0; i < samples.Count; i++)
            {
                samples[i] = Header.Number(file, ref position, digits: header.Kind == 1 ? 1 : int.MaxValue) ?? throw Truncated(file);
            }
        }
        else if (header.Kind == 4)
        {
            int rowBytes = (header.Width + 7) / 8;
            CheckLength(file, header, (long)rowBytes * header.Height);
            for (int i = 0; i < samples.Count; i++)
            {
                (int y, int x) = Math.DivRem(i, header.Width);
                samples[i] = (file[position + (y * rowBytes) + (x / 8)] >> (7 - (x % 8))) & 1;
            }
        }
        else
        {
            int bytes = header.Maximum > byte.MaxValue ? 2 : 1;
            CheckLength(file, header, (long)samples.Count * bytes);
            for (int i = 0; i < samples.Count; i++, position += bytes)
            {
                samples[i] = bytes == 1 ? file[position] : (file[position] << 8) | file[position + 1];
            }
        }

        return samples;
    }

    /// <summary>Returns the largest value allowed by the header; 1 for PBM.</summary>
    /// <exception cref="InvalidDataException">The header is truncated or damaged.</exception>
    public static int MaximumOf(ReadOnlySpan<byte> file) => Header.Read(file).Maximum;

    private static void CheckLength(ReadOnlySpan<byte> file, Header header, long bytes)
    {
        if (header.Start + bytes > file.Length)
        {
            throw Truncated(file);
        }
    }

    private static InvalidDataException Truncated(ReadOnlySpan<byte> file) => new($"truncated PNM: the file ends after {file.Length} bytes");

    /// <param name="Kind">The digit after the P: 1 and 4 are bitmaps, 2 and 5 gray, 3 and 6 colour; 1 to 3 are text.</param>
    /// <param name="Start">The offset of the values.</param>
    private readonly record struct Header(int Kind, int Width, int Height, int Maximum, int Start)
    {
        public int Channels => Kind is 3 or 6 ? 3 : 1;

        public static Header Read(ReadOnlySpan<byte> file)
        {
            int position = 2;
            int kind = file[1] - '0';
            int width = Next(file, ref position);
            int height = Next(file, ref position);
            int maximum = kind is 1 or 4 ? 1 : Next(file, ref position);
            return maximum is > 0 and <= ushort.MaxValue
                ? new Header(kind, width, height, maximum, position + 1)    // after one whitespace character
                : throw new InvalidDataException($"PNM with values up to {maximum}, expected 1 to {ushort.MaxValue}");

            static int Next(ReadOnlySpan<byte> file, ref int position) => Number(file, ref position)
                ?? throw new InvalidDataException("a damaged or truncated PNM: no size in its header");
        }

        /// <summary>Reads the next number of a text with comments, capped at <see cref="int.MaxValue"/>; null if there is none.</summary>
        public static int? Number(ReadOnlySpan<byte> file, ref int position, int digits = int.MaxValue)
        {
            bool isComment = false;
            for (; position < file.Length && (isComment || !char.IsAsciiDigit((char)file[position])); position++)
            {
                isComment = file[position] == '#' || (isComment && file[position] != '\n');
                if (!isComment && !char.IsWhiteSpace((char)file[position]))
                {
                    return null;
                }
            }

            int start = position;
            long value = 0;
            for (; position < file.Length && char.IsAsciiDigit((char)file[position]) && position - start < digits; position++)
            {
                value = Math.Min((value * 10) + (file[position] - '0'), int.MaxValue);
            }

            return position > start ? (int)value : null;
        }
    }
}
