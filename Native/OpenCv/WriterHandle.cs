using System.Runtime.InteropServices;

namespace MlNetEmotion.Native.OpenCv;

/// <summary>Owns a <c>cv::VideoWriter</c>.</summary>
internal sealed class WriterHandle : SafeHandle
{
    public WriterHandle()
        : base(0, ownsHandle: true)
    {
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        NativeMethods.WriterDelete(handle);
        return true;
    }
}
