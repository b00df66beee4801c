using System.Numerics;
using MlNetEmotion.Trainer.Augmentation;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Augmentation;

public sealed class AffineWarpTests
{
    private const int Size = 48;
    private static readonly byte[] Noise = MakeNoise();

    [Fact]
    public void Apply_Identity_KeepsEveryPixel() =>
        AssertPixels(Warp(Noise, AffineParameters.Identity), (x, y) => Noise[(y * Size) + x]);

    [Fact]
    public void Apply_Flip_ExchangesLeftAndRight() =>
        AssertPixels(Warp(Noise, AffineParameters.Identity with { IsFlipped = true }), (x, y) => Noise[(y * Size) + 47 - x]);

    [Fact]
    public void Apply_WholeShift_MovesPixelsAndRepeatsTheEdge() =>
        AssertPixels(
            Warp(Noise, AffineParameters.Identity with { ShiftX = 3, ShiftY = -2 }),
            (x, y) => Noise[(Math.Min(y + 2, 47) * Size) + Math.Max(x - 3, 0)]);

    [Fact]
    public void Apply_HalfPixelShift_AveragesNeighbours()
    {
        float[] image = Warp(Noise, AffineParameters.Identity with { ShiftX = 0.5f });

        AssertPixels(image, (x, y) => (Noise[(y * Size) + Math.Max(x - 1, 0)] + Noise[(y * Size) + x]) / 2f);
    }

    [Fact]
    public void Apply_QuarterTurn_TurnsClockwise() =>
        AssertPixels(
            Warp(Noise, AffineParameters.Identity with { AngleRadians = MathF.PI / 2 }),
            (x, y) => Noise[((47 - x) * Size) + y],
            tolerance: 255 * 2 / 256f);    // π/2 in single precision is not exact; places are known to 1/256 pixel

    [Fact]
    public void Apply_FlipWithQuarterTurn_FlipsFirst() =>
        AssertPixels(
            Warp(Noise, AffineParameters.Identity with { IsFlipped = true, AngleRadians = MathF.PI / 2 }),
            (x, y) => Noise[((47 - x) * Size) + 47 - y],
            tolerance: 255 * 2 / 256f);

    [Fact]
    public void Apply_Brightness_IsAddedAndClipped()
    {
        byte[] face = Filled(100);
        face[0] = 250;

        float[] image = Warp(face, AffineParameters.Identity with { Brightness = 20 });

        Assert.Equal(255, image[0]);
        Assert.Equal(120, image[1]);
    }

    [Fact]
    public void Apply_BrightnessBelowZero_IsClipped() =>
        AssertPixels(Warp(Filled(10), AffineParameters.Identity with { Brightness = -20 }), (_, _) => 0);

    [Fact]
    public void Apply_Contrast_SpreadsAboutTheMean()
    {
        // Half 80, half 120: mean 100; half again as much contrast gives 70 and 130.
        byte[] face = [.. Enumerable.Range(0, Size * Size).Select(i => (byte)(i % 2 == 0 ? 80 : 120))];

        AssertPixels(Warp(face, AffineParameters.Identity with { Contrast = 1.5f }), (x, _) => x % 2 == 0 ? 70 : 130, tolerance: 1e-3f);
    }

    [Theory]
    [InlineData(false, 10, 1, 0, 0)]
    [InlineData(false, 0, 1.1, 0, 0)]
    [InlineData(true, -10, 0.9, 4.8, -2.3)]
    [InlineData(false, 37, 1.3, -1.5, 3.25)]
    public void Apply_AnyTransform_AgreesWithTheMatrixInverse(bool flip, float degrees, float scale, float shiftX, float shiftY)
    {
        var transform = AffineParameters.Identity with
        {
            IsFlipped = flip, AngleRadians = float.DegreesToRadians(degrees), Scale = scale, ShiftX = shiftX, ShiftY = shiftY,
        };
        var centre = new Vector2(23.5f);
        Matrix3x2 forward = Matrix3x2.CreateScale(flip ? -1 : 1, 1, centre) * Matrix3x2.CreateScale(scale, centre)
            * Matrix3x2.CreateRotation(transform.AngleRadians, centre) * Matrix3x2.CreateTranslation(shiftX, shiftY);
        Assert.True(Matrix3x2.Invert(forward, out Matrix3x2 inverse));

        // On the plane 3x + 2y bilinear interpolation is exact, up to places' resolution of 1/256 pixel.
        byte[] plane = [.. Enumerable.Range(0, Size * Size).Select(i => (byte)((3 * (i % Size)) + (2 * (i / Size))))];
        float[] image = Warp(plane, transform);

        AssertPixels(image, (x, y) =>
        {
            Vector2 source = Vector2.Clamp(Vector2.Transform(new Vector2(x, y), inverse), Vector2.Zero, new Vector2(47));
            return (3 * source.X) + (2 * source.Y);
        }, tolerance: 0.03f);
    }

    // The reference: crop the square, then resize it by bilinear interpolation between pixel centres. Only pixels whose neighbours are all inside.
    [Theory]
    [InlineData(44, 0, 0)]
    [InlineData(44, 4, 1)]
    [InlineData(40, 3, 8)]
    public void Apply_Cropped_IsACropAndItsResizing(int size, int left, int top)
    {
        byte[] crop = [.. Enumerable.Range(0, size * size).Select(i => Noise[((top + (i / size)) * Size) + left + (i % size)])];

        float[] image = Warp(Noise, AffineParameters.Identity.Cropped(size, left, top));

        for (int y = 1; y < Size - 1; y++)
        {
            for (int x = 1; x < Size - 1; x++)
            {
                Assert.Equal(Resized(x, y), image[(y * Size) + x], 2f * 255 / 256);    // places are known to 1/256 pixel
            }
        }

        double Resized(int x, int y)
        {
            double sourceX = ((x + 0.5) * size / Size) - 0.5, sourceY = ((y + 0.5) * size / Size) - 0.5;
            (int column, int row) = ((int)sourceX, (int)sourceY);
            (double right, double lower) = (sourceX - column, sourceY - row);
            return ((1 - lower) * (((1 - right) * At(column, row)) + (right * At(column + 1, row))))
                + (lower * (((1 - right) * At(column, row + 1)) + (right * At(column + 1, row + 1))));
        }

        double At(int column, int row) => crop[(Math.Min(row, size - 1) * size) + Math.Min(column, size - 1)];
    }

    [Fact]
    public void Cropped_AfterAShift_CutsWhatWasShifted()
    {
        AffineParameters shifted = AffineParameters.Identity with { ShiftX = 2, ShiftY = -1 };

        // The crop two to the right and one up of a shifted face is the middle crop of the face.
        Assert.Equal(AffineParameters.Identity.Cropped(44, 2, 2), shifted.Cropped(44, 4, 1));
    }

    // The reference undoes the transform by a matrix, then cuts the box out by hand: its corner, its sides' directions and a bilinear lookup, in double precision.
    [Theory]
    [InlineData(false, 0, 1, 0, 0, 24, 24, 48, 0)]
    [InlineData(false, 0, 1, 0, 0, 22.5, 25.25, 44.25, 0)]
    [InlineData(false, 0, 1, 0, 0, 20, 27, 36, 15)]
    [InlineData(true, 0, 1, 0, 0, 20, 27, 36, 15)]
    [InlineData(false, -9, 1.1, 3.5, -2.25, 26, 21.5, 40.5, -12)]
    [InlineData(true, 10, 0.8, -7, 4.5, 25.5, 23, 55.75, 20)]
    public void Apply_AfterABox_TransformsItsCrop(
        bool flip, float degrees, float scale, float shiftX, float shiftY, float centreX, float centreY, float side, float turnDegrees)
    {
        AffineParameters transform = AffineParameters.Identity with
        {
            IsFlipped = flip, AngleRadians = float.DegreesToRadians(degrees), Scale = scale, ShiftX = shiftX, ShiftY = shiftY,
        };
        var middle = new Vector2(23.5f);
        Matrix3x2 forward = Matrix3x2.CreateScale(flip ? -1 : 1, 1, middle) * Matrix3x2.CreateScale(scale, middle)
            * Matrix3x2.CreateRotation(transform.AngleRadians, middle) * Matrix3x2.CreateTranslation(shiftX, shiftY);
        Assert.True(Matrix3x2.Invert(forward, out Matrix3x2 inverse));
        (double sin, double cos) = Math.SinCos(turnDegrees * Math.PI / 180);
        (double X, double Y) right = (cos, sin), down = (-sin, cos);
        double cornerX = centreX - (side / 2 * (right.X + down.X)), cornerY = centreY - (side / 2 * (right.Y + down.Y));

        float[] image = Warp(Noise, transform.After(new DetectorBox(centreX, centreY, side, turnDegrees * MathF.PI / 180)));

        AssertPixels(image, (x, y) =>
        {
            Vector2 inCrop = Vector2.Transform(new Vector2(x, y), inverse);
            double across = (inCrop.X + 0.5) / 48 * side, along = (inCrop.Y + 0.5) / 48 * side;
            return (float)Lookup(cornerX + (across * right.X) + (along * down.X) - 0.5, cornerY + (across * right.Y) + (along * down.Y) - 0.5);
        }, tolerance: 2.5f * 255 / 256);    // places are known to 1/256 pixel, and are computed in single precision

        static double Lookup(double x, double y)
        {
            (x, y) = (Math.Clamp(x, 0, 47), Math.Clamp(y, 0, 47));
            (int column, int row) = (Math.Min((int)x, 46), Math.Min((int)y, 46));
            int at = (row * Size) + column;
            double upper = Noise[at] + ((x - column) * (Noise[at + 1] - Noise[at]));
            double lower = Noise[at + Size] + ((x - column) * (Noise[at + Size + 1] - Noise[at + Size]));
            return upper + ((y - row) * (lower - upper));
        }
    }

    [Fact]
    public void Apply_FlipAfterABox_IsTheMirroredBoxOfTheMirroredFace()
    {
        byte[] mirrored = [.. Enumerable.Range(0, Size * Size).Select(i => Noise[i - (i % Size) + 47 - (i % Size)])];

        float[] image = Warp(Noise, (AffineParameters.Identity with { IsFlipped = true }).After(new DetectorBox(20, 27, 36, 0.25f)));

        float[] expected = Warp(mirrored, AffineParameters.Identity.After(new DetectorBox(28, 27, 36, -0.25f)));
        AssertPixels(image, (x, y) => expected[(y * Size) + x], tolerance: 2 * 2.5f * 255 / 256);
    }

    private static float[] Warp(byte[] face, AffineParameters transform)
    {
        var image = new float[Size * Size];
        AffineWarp.Apply(face, image, transform);
        return image;
    }

    private static void AssertPixels(float[] image, Func<int, int, float> expected, float tolerance = 0)
    {
        for (int y = 0; y < Size; y++)
        {
            for (int x = 0; x < Size; x++)
            {
                float difference = Math.Abs(image[(y * Size) + x] - expected(x, y));
                Assert.True(difference <= tolerance, $"({x}, {y}) is {image[(y * Size) + x]}, expected {expected(x, y)}");
            }
        }
    }

    private static byte[] Filled(byte value) => [.. Enumerable.Repeat(value, Size * Size)];

    private static byte[] MakeNoise()
    {
        var noise = new byte[Size * Size];
        new Random(1).NextBytes(noise);
        return noise;
    }
}
