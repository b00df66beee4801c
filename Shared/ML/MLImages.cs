using Microsoft.ML.Data;
using MlNetEmotion.Images;
using SkiaSharp;

namespace MlNetEmotion;

/// <summary>Conversions from and to ML.NET's images, whose pixels are premultiplied by alpha, like SkiaSharp's.</summary>
internal static class MLImages
{
    /// <exception cref="NotSupportedException">ML.NET was built for another SkiaSharp than the app's, so its images have no readable pixels.</exception>
    public static void ThrowIfUnusable()
    {
        try
        {
            using MLImage image = MLImage.CreateFromPixels(1, 1, MLPixelFormat.Bgra32, [0, 0, 0, byte.MaxValue]);
            _ = image.Pixels.Length;
        }
        catch (MissingMemberException e)
        {
            Version? found = typeof(SKBitmap).Assembly.GetName().Version;
            throw new NotSupportedException(
                $"ML.NET's images need SkiaSharp 2.88, found SkiaSharp {found?.ToString(2)}; use LoadFace, which needs none of them, or SkiaSharp 2.88.9", e);
        }
    }

    /// <summary>Copies an opaque image.</summary>
    public static MLImage Create(ImageView image)
    {
        if (image.BytesPerPixel == 4)
        {
            return MLImage.CreateFromPixels(image.Width, image.Height, image.Format == PixelFormat.Bgra32 ? MLPixelFormat.Bgra32 : MLPixelFormat.Rgba32, image.Pixels);
        }

        // Gray (PGM), or red, green and blue (PPM).
        byte[] pixels = GC.AllocateUninitializedArray<byte>(image.Width * image.Height * 4);
        for (int i = 0; i < pixels.Length; i += 4)
        {
            ReadOnlySpan<byte> color = image.Pixels[(i / 4 * image.BytesPerPixel)..];
            (pixels[i], pixels[i + 1], pixels[i + 2], pixels[i + 3]) = (color[0], color[image.BytesPerPixel / 2], color[image.BytesPerPixel - 1], byte.MaxValue);
        }

        return MLImage.CreateFromPixels(image.Width, image.Height, MLPixelFormat.Rgba32, pixels);
    }

    /// <summary>An image's pixels, composited on white: a view of an opaque image, a copy of a transparent one.</summary>
    public static ImageView OnWhite(MLImage image)
    {
        ReadOnlySpan<byte> pixels = image.Pixels;
        if (!Transparency.IsUniform(pixels, byte.MaxValue) && Transparency.MayBePremultiplied(pixels))
        {
            byte[] copy = pixels.ToArray();
            Transparency.BlendWithWhite(copy, isPremultiplied: true);
            pixels = copy;
        }

        return new ImageView(pixels, image.Width, image.Height, image.PixelFormat == MLPixelFormat.Rgba32 ? PixelFormat.Rgba32 : PixelFormat.Bgra32);
    }
}
