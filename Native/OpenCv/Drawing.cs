using MlNetEmotion.Imaging;

namespace MlNetEmotion.Native.OpenCv;

/// <summary>Draws on BGR images. Colours are 0xRRGGBB; what falls outside the image is cut off.</summary>
public static class Drawing
{
    /// <summary>Draws a rectangle's outline.</summary>
    /// <param name="image">Drawn on.</param>
    /// <param name="box">Where.</param>
    /// <param name="rgb">0xRRGGBB.</param>
    /// <param name="thickness">In pixels, centred on the edge.</param>
    public static void Rectangle(Mat image, Box box, uint rgb, int thickness) =>
        NativeMethods.Check(NativeMethods.Rectangle(image.Handle, box.X, box.Y, box.Width, box.Height, rgb, thickness), "mlcv_rectangle");

    /// <summary>Fills a rectangle.</summary>
    /// <param name="image">Drawn on.</param>
    /// <param name="box">Where.</param>
    /// <param name="rgb">0xRRGGBB.</param>
    public static void Fill(Mat image, Box box, uint rgb) => Rectangle(image, box, rgb, thickness: -1);

    /// <summary>Blends a colour over a rectangle.</summary>
    /// <param name="image">Drawn on.</param>
    /// <param name="box">Where.</param>
    /// <param name="rgb">0xRRGGBB.</param>
    /// <param name="opacity">From 0, which leaves what is there, to 1, which covers it.</param>
    public static void Shade(Mat image, Box box, uint rgb, double opacity) =>
        NativeMethods.Check(NativeMethods.Shade(image.Handle, box.X, box.Y, box.Width, box.Height, rgb, opacity), "mlcv_shade");

    /// <summary>Leaves no more of a rectangle than the mean colours of a few parts of it, blended into one another.</summary>
    /// <param name="image">Drawn on.</param>
    /// <param name="box">Where.</param>
    /// <param name="cells">Parts across and down.</param>
    public static void Blur(Mat image, Box box, int cells) =>
        NativeMethods.Check(NativeMethods.Blur(image.Handle, box.X, box.Y, box.Width, box.Height, cells), "mlcv_blur");

    /// <summary>Draws a line of ASCII text (Hershey duplex).</summary>
    /// <param name="image">Drawn on.</param>
    /// <param name="text">Anything beyond ASCII is drawn as a question mark.</param>
    /// <param name="x">Where the baseline starts, in pixels.</param>
    /// <param name="y">The baseline, in pixels.</param>
    /// <param name="scale">1 makes capitals about 22 pixels high.</param>
    /// <param name="rgb">0xRRGGBB.</param>
    /// <param name="thickness">Of the strokes, in pixels.</param>
    public static void PutText(Mat image, string text, int x, int y, double scale, uint rgb, int thickness = 1) =>
        NativeMethods.Check(NativeMethods.PutText(image.Handle, text, x, y, scale, rgb, thickness), "mlcv_put_text");

    /// <summary>How much room a line of text takes.</summary>
    /// <param name="text">The text.</param>
    /// <param name="scale">As it will be drawn.</param>
    /// <param name="thickness">As it will be drawn.</param>
    /// <returns>Pixels across, up from the baseline, and down from it.</returns>
    public static (int Width, int Ascent, int Descent) TextSize(string text, double scale, int thickness = 1)
    {
        NativeMethods.Check(NativeMethods.GetTextSize(text, scale, thickness, out int width, out int height, out int baseline), "mlcv_get_text_size");
        return (width, height, baseline);
    }
}
