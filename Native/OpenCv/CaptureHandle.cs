using System.Runtime.InteropServices;

namespace MlNetEmotion.Native.OpenCv;

/// <summary>Owns a <c>cv::VideoCapture</c>.</summary>
internal sealed class CaptureHandle : SafeHandle
{
    public CaptureHandle()
        : base(0, ownsHandle: true)
    {
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        NativeMethods.CaptureDelete(handle);
        return true;
    }
}
