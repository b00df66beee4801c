using System.Runtime.InteropServices;

namespace MlNetEmotion.Native.OpenCv;

/// <summary>Owns a cascade and the boxes it found last.</summary>
internal sealed class CascadeHandle : SafeHandle
{
    public CascadeHandle()
        : base(0, ownsHandle: true)
    {
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        NativeMethods.CascadeDelete(handle);
        return true;
    }
}
