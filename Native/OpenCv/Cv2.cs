namespace MlNetEmotion.Native.OpenCv;

/// <summary>OpenCV's process-wide settings, under OpenCV's names.</summary>
public static class Cv2
{
    /// <summary>Sets the threads within an operation.</summary>
    /// <param name="count">1 for none beside the caller's.</param>
    public static void SetNumThreads(int count) => NativeMethods.Check(NativeMethods.SetNumThreads(count), nameof(SetNumThreads));
}
