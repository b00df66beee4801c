using MlNetEmotion.Imaging;

namespace MlNetEmotion.Native.OpenCv;

/// <summary>A Haar or LBP cascade (P. Viola, M. Jones: Rapid object detection using a boosted cascade of simple features, 2001). Not thread-safe.</summary>
public sealed class CascadeClassifier : IDisposable
{
    private readonly CascadeHandle handle;

    /// <summary>Loads a cascade from its XML file.</summary>
    /// <param name="path">For example OpenCV's <c>haarcascade_frontalface_default.xml</c>.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no cascade.</exception>
    public CascadeClassifier(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path}: no such file", path);
        }

        if (NativeMethods.CascadeNew(path, out handle) != 0)
        {
            handle.Dispose();
            throw new InvalidDataException($"{path}: no Haar or LBP cascade ({NativeMethods.LastErrorText()})");
        }

        NativeMethods.CascadeGetWindowSize(handle, out int width, out int height);
        WindowSize = Math.Max(width, height);
    }

    /// <summary>The side, in pixels, of the smallest object that this cascade can find.</summary>
    public int WindowSize { get; }

    /// <summary>Finds objects of any size from <paramref name="minSize"/> up.</summary>
    /// <param name="gray">One channel, 8 bits.</param>
    /// <param name="scaleFactor">From one searched size to the next; greater than 1.</param>
    /// <param name="minNeighbors">How many overlapping hits make an object.</param>
    /// <param name="minSize">The smallest side searched for, in pixels.</param>
    /// <returns>Boxes in the image's pixels, in no particular order; valid until the next call.</returns>
    public unsafe ReadOnlySpan<Box> DetectMultiScale(Mat gray, double scaleFactor, int minNeighbors, int minSize)
    {
        int status = NativeMethods.CascadeDetect(handle, gray.Handle, scaleFactor, minNeighbors, minSize, out Box* boxes, out int count);
        NativeMethods.Check(status, "mlcv_cascade_detect");
        return new ReadOnlySpan<Box>(boxes, count);
    }

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();
}
