using System.Numerics;
using MlNetEmotion.Imaging;

namespace MlNetEmotion.Tracking;

/// <summary>
/// What a face looked like when it was last detected, and where that picture has moved since: a step of the inverse compositional
/// Lucas-Kanade method for translations (S. Baker, I. Matthews: Lucas-Kanade 20 years on, 2004). Pictures are normalized to mean 0
/// and variance 1, so that a change of light is no motion.
/// </summary>
internal sealed class Appearance
{
    private const int Size = FacePreprocessor.Size;

    private readonly byte[] _pixels = new byte[FacePreprocessor.PixelCount];
    private readonly float[] _current = new float[FacePreprocessor.PixelCount];
    private readonly float[] _template = new float[FacePreprocessor.PixelCount];
    private readonly float[] _gradientX = new float[FacePreprocessor.PixelCount];
    private readonly float[] _gradientY = new float[FacePreprocessor.PixelCount];
    private (float XX, float XY, float YY) _hessian;

    /// <summary>Remembers a face.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="box">Where it is.</param>
    public void Remember(ImageView frame, Box box)
    {
        Normalize(frame, box, _template);
        _hessian = default;
        for (int y = 1; y < Size - 1; y++)
        {
            for (int i = (y * Size) + 1; i < (y * Size) + Size - 1; i++)
            {
                float dx = (_template[i + 1] - _template[i - 1]) / 2;
                float dy = (_template[i + Size] - _template[i - Size]) / 2;
                (_gradientX[i], _gradientY[i]) = (dx, dy);
                _hessian = (_hessian.XX + (dx * dx), _hessian.XY + (dx * dy), _hessian.YY + (dy * dy));
            }
        }
    }

    /// <summary>Looks for the face again.</summary>
    /// <param name="frame">A later frame.</param>
    /// <param name="box">Where it should be.</param>
    /// <param name="shift">How far from there it is, in the frame's pixels; right within some twentieths of the box.</param>
    /// <returns>The correlation of the box's picture with the remembered one, in [-1, 1]: before the shift.</returns>
    public double Find(ImageView frame, Box box, out Vector2 shift)
    {
        Normalize(frame, box, _current);
        float similarity = 0;
        float stepX = 0;
        float stepY = 0;
        for (int i = 0; i < _current.Length; i++)
        {
            float difference = _current[i] - _template[i];
            similarity += _current[i] * _template[i];
            stepX += _gradientX[i] * difference;
            stepY += _gradientY[i] * difference;
        }

        // current(x) = template(x - shift), so the difference is about -gradient · shift: least squares give the shift.
        float determinant = (_hessian.XX * _hessian.YY) - (_hessian.XY * _hessian.XY);
        shift = determinant <= float.Epsilon ? Vector2.Zero : new Vector2(
            ((_hessian.XY * stepY) - (_hessian.YY * stepX)) / determinant * box.Width / Size,
            ((_hessian.XY * stepX) - (_hessian.XX * stepY)) / determinant * box.Height / Size);
        return similarity / _current.Length;
    }

    private void Normalize(ImageView frame, Box box, float[] normalized)
    {
        FacePreprocessor.ToFace(frame, box, _pixels);
        long sum = 0;
        long squares = 0;
        foreach (byte pixel in _pixels)
        {
            sum += pixel;
            squares += pixel * pixel;
        }

        double mean = (double)sum / _pixels.Length;
        double variance = ((double)squares / _pixels.Length) - (mean * mean);
        float scale = variance < 1 ? 0 : (float)(1 / Math.Sqrt(variance)); // an even area looks like nothing
        for (int i = 0; i < normalized.Length; i++)
        {
            normalized[i] = (_pixels[i] - (float)mean) * scale;
        }
    }
}
