namespace MlNetEmotion.Trainer.Augmentation;

/// <summary>
/// Mixes the faces of a batch in pairs, and their targets with the same weights: by blending (mixup, Zhang et al. 2018,
/// https://arxiv.org/abs/1710.09412) or by exchanging a rectangle (CutMix, Yun et al. 2019, https://arxiv.org/abs/1905.04899).
/// Each face keeps the larger part of itself, and therefore its label.
/// </summary>
internal static class BatchMixing
{
    private const int Size = FacePreprocessor.Size;

    /// <summary>Mixes the first face with the last, the second with the last but one, and so on. If both kinds are on, each pair gets one of them at
    /// random.</summary>
    /// <param name="images">float32 [count, 48, 48], in random order; changed in place.</param>
    /// <param name="targets">float32 [count, 7], or [count, 14] with votes; changed in place.</param>
    public static void Apply(Span<float> images, Span<float> targets, int count, AugmentationOptions options, ref SplitMix64 random)
    {
        if (options.MixupAlpha == 0 && options.CutMixAlpha == 0)
        {
            return;
        }

        int size = targets.Length / count;
        for (int i = 0, j = count - 1; i < j; i++, j--)
        {
            bool mixup = options.CutMixAlpha == 0 || (options.MixupAlpha > 0 && random.NextSingle() < 0.5f);
            float share = random.NextBeta(mixup ? options.MixupAlpha : options.CutMixAlpha);
            float own = Math.Max(share, 1 - share);
            if (mixup)
            {
                Blend(Image(images, i), Image(images, j), own);
            }
            else
            {
                Box box = DrawBox(1 - own, ref random);
                own = 1 - ((float)(box.Width * box.Height) / FacePreprocessor.PixelCount);
                Exchange(Image(images, i), Image(images, j), box);
            }

            Blend(targets.Slice(i * size, size), targets.Slice(j * size, size), own);
        }
    }

    /// <summary>Blends two vectors in place; each keeps the share <paramref name="own"/> of itself, in [0, 1].</summary>
    public static void Blend(Span<float> a, Span<float> b, float own)
    {
        for (int i = 0; i < a.Length; i++)
        {
            (a[i], b[i]) = ((own * a[i]) + ((1 - own) * b[i]), (own * b[i]) + ((1 - own) * a[i]));
        }
    }

    /// <summary>Exchanges a rectangle of two faces, float32 [48, 48]. The rectangle must be inside the face.</summary>
    public static void Exchange(Span<float> a, Span<float> b, Box box)
    {
        for (int y = box.Y; y < box.Y + box.Height; y++)
        {
            for (int i = (y * Size) + box.X; i < (y * Size) + box.X + box.Width; i++)
            {
                (a[i], b[i]) = (b[i], a[i]);
            }
        }
    }

    private static Span<float> Image(Span<float> images, int index) => images.Slice(index * FacePreprocessor.PixelCount, FacePreprocessor.PixelCount);

    // As in the paper: the face's aspect ratio, a random centre, clipped at the edges. Rounded down, so it never covers more than half.
    private static Box DrawBox(float area, ref SplitMix64 random)
    {
        int half = (int)(Size * MathF.Sqrt(area) / 2);
        int centerX = random.NextInt32(Size);
        int centerY = random.NextInt32(Size);
        (int left, int top) = (Math.Max(centerX - half, 0), Math.Max(centerY - half, 0));
        return new Box(left, top, Math.Min(centerX + half, Size) - left, Math.Min(centerY + half, Size) - top);
    }
}
