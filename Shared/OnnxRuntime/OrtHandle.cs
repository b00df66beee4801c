using System.Runtime.InteropServices;

namespace MlNetEmotion.OnnxRuntime;

/// <summary>Owns an object of ONNX Runtime's and frees it, once nobody uses it any more.</summary>
internal sealed unsafe class OrtHandle : SafeHandle
{
    private readonly delegate* unmanaged<nint, void> _release;

    /// <summary>Takes over an object.</summary>
    /// <param name="pointer">The object.</param>
    /// <param name="release">Its kind's <c>Release...</c> function.</param>
    public OrtHandle(nint pointer, delegate* unmanaged<nint, void> release)
        : base(pointer, ownsHandle: true) => _release = release;

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Keeps the object alive until the lease is disposed of, whoever disposes of the handle meanwhile.</summary>
    /// <exception cref="ObjectDisposedException">The handle was disposed of before.</exception>
    public Lease Borrow() => new(this);

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        _release(handle);
        return true;
    }

    /// <summary>A use of the object.</summary>
    public readonly ref struct Lease : IDisposable
    {
        private readonly OrtHandle _owner;

        /// <summary>Begins a use.</summary>
        /// <param name="owner">The object's handle.</param>
        public Lease(OrtHandle owner)
        {
            bool added = false;
            owner.DangerousAddRef(ref added);
            _owner = owner;
        }

        /// <summary>The object.</summary>
        public nint Pointer => _owner.handle;

        /// <summary>Ends the use.</summary>
        public void Dispose() => _owner.DangerousRelease();
    }
}
