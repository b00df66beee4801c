using System.Runtime.InteropServices;

namespace MlNetEmotion.Native.OpenCv;

/// <summary>Owns a <c>cv::Mat</c>.</summary>
internal sealed class MatHandle : SafeHandle
{
    public MatHandle()
        : base(0, ownsHandle: true)
    {
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        NativeMethods.MatDelete(handle);
        return true;
    }
}
