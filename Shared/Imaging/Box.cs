namespace MlNetEmotion;

/// <summary>An axis-aligned rectangle in pixels, origin at the image's top-left corner.</summary>
public readonly record struct Box(int X, int Y, int Width, int Height)
{
    /// <summary>The part within an image; the nearest pixel if they do not overlap.</summary>
    /// <param name="width">The image's width, at least 1.</param>
    /// <param name="height">The image's height, at least 1.</param>
    public Box Within(int width, int height)
    {
        int left = Math.Clamp(X, 0, width - 1);
        int top = Math.Clamp(Y, 0, height - 1);
        return new Box(
            left, top, (int)Math.Clamp((long)X + Width - left, 1, width - left), (int)Math.Clamp((long)Y + Height - top, 1, height - top));
    }

    /// <summary>Whether any part of the box is within an image.</summary>
    /// <param name="width">The image's width.</param>
    /// <param name="height">The image's height.</param>
    public bool Overlaps(int width, int height) => Intersection(new Box(0, 0, width, height)) > 0;

    /// <summary>Intersection over union with another box: 0 for disjoint boxes, 1 for equal ones.</summary>
    public double Iou(Box other)
    {
        double intersection = Intersection(other);
        return intersection == 0 ? 0 : intersection / (((double)Width * Height) + ((double)other.Width * other.Height) - intersection);
    }

    /// <summary>The area of the intersection with another box, in pixels.</summary>
    internal double Intersection(Box other)
    {
        double width = Math.Min((double)X + Width, (double)other.X + other.Width) - Math.Max(X, other.X);
        double height = Math.Min((double)Y + Height, (double)other.Y + other.Height) - Math.Max(Y, other.Y);
        return width <= 0 || height <= 0 ? 0 : width * height;
    }
}
