using System.Runtime.InteropServices;

namespace MlNetEmotion.OnnxRuntime;

/// <summary>Owns an object of ONNX Runtime's and frees it, once nobody uses it any more.</summary>
internal sealed unsafe class OrtHandle : SafeHandle
{
    private readonly delegate* unmanaged<nint, void> release;
    private volatile bool isDisposed;

    /// <summary>Takes over an object.</summary>
    /// <param name="pointer">The object.</param>
    /// <param name="release">Its kind's <c>Release...</c> function.</param>
    public OrtHandle(nint pointer, delegate* unmanaged<nint, void> release)
        : base(pointer, ownsHandle: true) => this.release = release;

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Keeps the object alive until the lease is disposed of, whoever disposes of the handle meanwhile.</summary>
    /// <exception cref="ObjectDisposedException">The handle was disposed of before.</exception>
    public Lease Borrow()
    {
        // A safe handle alone would take new uses for as long as earlier ones overlap.
        ObjectDisposedException.ThrowIf(isDisposed, this);
        return new(this);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        isDisposed = true;
        base.Dispose(disposing);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        release(handle);
        return true;
    }

    /// <summary>A use of the object.</summary>
    public readonly ref struct Lease : IDisposable
    {
        private readonly OrtHandle owner;

        /// <summary>Begins a use.</summary>
        /// <param name="owner">The object's handle.</param>
        public Lease(OrtHandle owner)
        {
            bool added = false;
            owner.DangerousAddRef(ref added);
            this.owner = owner;
        }

        /// <summary>The object.</summary>
        public nint Pointer => owner.handle;

        /// <summary>Ends the use.</summary>
        public void Dispose() => owner.DangerousRelease();
    }
}
