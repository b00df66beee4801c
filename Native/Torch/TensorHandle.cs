using System.Runtime.InteropServices;

namespace MlNetEmotion.Native.Torch;

/// <summary>Owns one native tensor reference.</summary>
internal sealed class TensorHandle : SafeHandle
{
    /// <summary>Made by the marshaller for an out parameter; also stands for "no tensor" where an argument is optional.</summary>
    public TensorHandle()
        : base(0, ownsHandle: true)
    {
    }

    /// <summary>What is passed for an absent optional tensor.</summary>
    internal static TensorHandle None { get; } = new();

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeMethods.mlt_tensor_free(handle);
        return true;
    }
}
