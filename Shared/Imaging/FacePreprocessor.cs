using System.Buffers;
using System.Numerics;
using MlNetEmotion.Imaging;

namespace MlNetEmotion;

/// <summary>
/// The preprocessing from an image to the network's input (gray, crop, 48×48), the same for training, evaluation and live scoring.
/// <para>
/// Gray is ITU-R BT.601 luma, rounded (bit-identical to OpenCV's <c>cvtColor</c>). The crop is then resampled by a separable triangle
/// filter whose support grows with the downscale factor, so that large faces do not alias (bit-identical to Pillow's <c>resize</c> with
/// <c>BILINEAR</c>). A 48×48 gray image is returned unchanged.
/// </para>
/// <para>Thread-safe. Buffers come from the shared array pool, so calls are allocation-free.</para>
/// </summary>
public static class FacePreprocessor
{
    /// <summary>Width and height of a face in pixels: 48.</summary>
    public const int Size = 48;

    /// <summary>Pixels, and so bytes, of a face: 48 · 48 = 2304.</summary>
    public const int PixelCount = Size * Size;

    // In gray values: far below a face in the dark, above the averaged noise of a covered lens.
    private const double MinDeviation = 2;

    // Heads in the training data have this much roll; rotating by less only blurs.
    private const double MinTiltRadians = 5 * Math.PI / 180;

    /// <summary>Converts an image that is cropped to a face.</summary>
    /// <param name="image">The image, cropped to a face.</param>
    /// <param name="face">Receives uint8 [48, 48], gray, row-major.</param>
    /// <exception cref="ArgumentException"><paramref name="face"/> is shorter than <see cref="PixelCount"/>, or the image is wider or higher than
    /// 1,048,576 pixels.</exception>
    public static void ToFace(ImageView image, Span<byte> face) => ToFace(image, new Box(0, 0, image.Width, image.Height), face);

    /// <summary>Crops a face from a frame.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="box">The face's box; beyond the frame, its edge pixels are repeated.</param>
    /// <param name="face">Receives uint8 [48, 48], gray, row-major.</param>
    /// <exception cref="ArgumentException"><paramref name="face"/> is shorter than <see cref="PixelCount"/>, the frame is empty, or the box is empty,
    /// outside the frame, or wider or higher than 1,048,576 pixels.</exception>
    public static void ToFace(ImageView frame, Box box, Span<byte> face)
    {
        frame.ThrowIfEmpty(nameof(frame));
        CheckBox(box, frame.Width, frame.Height);
        if (face.Length < PixelCount)
        {
            throw new ArgumentException($"a face has {PixelCount} bytes, got {face.Length}", nameof(face));
        }

        if (IsFace(frame, box))
        {
            CopyRows(frame, box, face);
        }
        else
        {
            Resample(frame, box, face);
        }
    }

    /// <summary>Crops a face from a frame and, if the eyes are not level, rotates it upright about the box's centre.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="box">The face's box; beyond the frame, its edge pixels are repeated.</param>
    /// <param name="landmarks">The face's landmarks, of which the eyes are used; null not to rotate.</param>
    /// <param name="face">Receives uint8 [48, 48], gray, row-major.</param>
    /// <exception cref="ArgumentException"><paramref name="face"/> is shorter than <see cref="PixelCount"/>, the frame is empty, or the box is empty,
    /// outside the frame, or wider or higher than 1,048,576 pixels.</exception>
    public static void ToFace(ImageView frame, Box box, FaceLandmarks? landmarks, Span<byte> face)
    {
        frame.ThrowIfEmpty(nameof(frame));

        double tilt = TurnOf(landmarks);
        bool canTurn = box is { Width: >= 1 and <= UprightCrop.MaxSide, Height: >= 1 and <= UprightCrop.MaxSide } && box.Overlaps(frame.Width, frame.Height);
        if (tilt == 0 || !canTurn)
        {
            ToFace(frame, box, face);
            return;
        }

        byte[] upright = ArrayPool<byte>.Shared.Rent(box.Width * box.Height);
        try
        {
            UprightCrop.Rotate(frame, box, tilt, upright);
            ToFace(new ImageView(upright, box.Width, box.Height, PixelFormat.Gray8), face);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(upright);
        }
    }

    /// <inheritdoc cref="ToFace(ImageView, Box, FaceLandmarks?, Span{byte})"/>
    /// <returns>uint8 [48, 48], gray, row-major: 2304 bytes, newly allocated.</returns>
    /// <exception cref="ArgumentException">The frame is empty, or the box is empty, outside the frame, or wider or higher than 1,048,576 pixels.</exception>
    public static byte[] ToFace(ImageMemory frame, Box box, FaceLandmarks? landmarks = null)
    {
        var face = new byte[PixelCount];
        ToFace(frame.View, box, landmarks, face);
        return face;
    }

    /// <summary>The angle by which the crop of a face is turned in the image, clockwise, to make its eyes level; 0 if it is not turned.</summary>
    /// <param name="landmarks">The face's landmarks; null if there are none.</param>
    internal static double TurnOf(FaceLandmarks? landmarks) =>
        landmarks?.TiltRadians is { } tilt && Math.Abs(tilt) >= MinTiltRadians ? tilt : 0;    // 0 for NaN too

    /// <summary>Whether a crop is a uniform gray (black and white included) apart from noise, so that it shows no face.</summary>
    /// <param name="face">Gray values, [48, 48].</param>
    internal static bool IsBlank(ReadOnlySpan<float> face)
    {
        double sum = 0;
        double squares = 0;
        foreach (float gray in face)
        {
            sum += gray;
            squares += gray * gray;
        }

        double mean = sum / face.Length;
        return (squares / face.Length) - (mean * mean) < MinDeviation * MinDeviation;
    }

    /// <exception cref="ArgumentException">The box is empty, outside a frame of this size, or wider or higher than 1,048,576 pixels.</exception>
    internal static void CheckBox(Box box, int width, int height)
    {
        if (box.Width is < 1 or > ResampleWeights.MaxLength || box.Height is < 1 or > ResampleWeights.MaxLength)
        {
            throw new ArgumentException($"a face's box must have 1 to {ResampleWeights.MaxLength} pixels per side, this is {box}", nameof(box));
        }

        if (!box.Overlaps(width, height))
        {
            throw new ArgumentException($"a face's box must overlap the frame; the frame has {width}x{height} pixels, this is {box}", nameof(box));
        }
    }

    private static bool IsFace(ImageView frame, Box box) =>
        frame.Format == PixelFormat.Gray8 && box is { X: >= 0, Y: >= 0, Width: Size, Height: Size }
        && box.X <= frame.Width - Size && box.Y <= frame.Height - Size;

    private static void CopyRows(ImageView frame, Box box, Span<byte> face)
    {
        for (int y = 0; y < Size; y++)
        {
            frame.Pixels.Slice(((box.Y + y) * frame.Stride) + box.X, Size).CopyTo(face[(y * Size)..]);
        }
    }

    private static void Resample(ImageView frame, Box box, Span<byte> face)
    {
        using var columns = new ResampleWeights(box.X, box.Width, frame.Width);
        using var rows = new ResampleWeights(box.Y, box.Height, frame.Height);
        int[] gray = ArrayPool<int>.Shared.Rent(columns.Count + Vector<int>.Count);
        int[] narrow = ArrayPool<int>.Shared.Rent(rows.Count * Size); // [visible rows, 48]
        try
        {
            for (int y = 0; y < rows.Count; y++)
            {
                Luma.Convert(frame, columns.First, rows.First + y, gray.AsSpan(0, columns.Count));
                columns.ResampleRow(gray, narrow.AsSpan(y * Size, Size));
            }

            for (int y = 0; y < Size; y++)
            {
                rows.CombineRows(narrow, y, face.Slice(y * Size, Size));
            }
        }
        finally
        {
            ArrayPool<int>.Shared.Return(gray);
            ArrayPool<int>.Shared.Return(narrow);
        }
    }
}
