using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MlNetEmotion.Onnx;
using MlNetEmotion.Trainer.Data;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNetEmotion.Trainer.Network;

/// <summary>Copies between libtorch's memory and .NET's, and tensor helpers.</summary>
internal static class Tensors
{
    /// <summary>Creates a tensor from float32 data, row-major.</summary>
    public static Tensor Of(ReadOnlySpan<float> values, long[] shape, Device device)
    {
        TorchLibrary.Load();
        Tensor tensor = empty(shape, ScalarType.Float32);
        MemoryMarshal.AsBytes(values).CopyTo(tensor.bytes);
        if (device.type == DeviceType.CPU)
        {
            return tensor;
        }

        // A copy from pinned memory is queued on the device; a copy from pageable memory would block until the device has finished all its work.
        using (tensor)
        {
            using Tensor pinned = tensor.pin_memory();
            return pinned.to(device, non_blocking: true);
        }
    }

    /// <summary>Returns all elements as float32, row-major, from any type, layout and device.</summary>
    public static float[] ToArray(this Tensor tensor)
    {
        using DisposeScope scope = NewDisposeScope();
        return MemoryMarshal.Cast<byte, float>(tensor.detach().to(ScalarType.Float32).cpu().contiguous().bytes).ToArray();
    }

    /// <summary>Overwrites all elements, given row-major, in any layout and on any device.</summary>
    public static void CopyFrom(this Tensor tensor, ReadOnlySpan<float> values)
    {
        using IDisposable noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        tensor.copy_(Of(values, tensor.shape, CPU));
    }

    /// <summary>Returns a head's slice, float32 [N, 7], of all heads' logits or targets: 0 for labels, 1 for votes.</summary>
    public static Tensor Head(this Tensor heads, int index) => heads.narrow(1, index * Emotions.Count, Emotions.Count);

    /// <summary>Whether weight decay applies to a parameter: to the weights of convolutions and linear layers, not to biases and norms.</summary>
    public static bool Decays(this Tensor parameter) => parameter.ndim > 1;

    /// <summary>Creates a layer's parameter, which outlives the current dispose scope.</summary>
    public static Parameter Learned(Tensor values)
    {
        Parameter parameter = nn.Parameter(values);
        parameter.DetachFromDisposeScope();
        return parameter;
    }

    /// <summary>Returns [N, C, H, W] stored as NHWC, the fastest layout for oneDNN's kernels; operators keep it.</summary>
    // With one channel both layouts differ only in its stride, by which libtorch chooses the layout of a convolution's output and which 'contiguous' leaves.
    public static Tensor ChannelsLast(this Tensor x) => x.permute(0, 2, 3, 1).contiguous()
        .as_strided(x.shape, [x.shape[1] * x.shape[2] * x.shape[3], 1, x.shape[1] * x.shape[3], x.shape[1]]);

    /// <summary>Copies a batch into tensors, so that the loader can reuse its buffers at once.</summary>
    /// <returns>float32 [N, 1, 48, 48], gray, each in [0, 255]; and float32 [N, 7], or [N, 14] with votes: class distributions.</returns>
    public static (Tensor Images, Tensor Targets) ToTensors(this FaceBatch batch, Device device) =>
    (
        Of(batch.Images.AsSpan(0, batch.Count * FacePreprocessor.PixelCount), [batch.Count, 1, FacePreprocessor.Size, FacePreprocessor.Size], device),
        Of(batch.Targets.AsSpan(0, batch.Count * batch.TargetSize), [batch.Count, batch.TargetSize], device));

    // Runs before libtorch's libraries are loaded, since they read their environment then; .NET's own SetEnvironmentVariable doesn't reach them.
    [ModuleInitializer]
    internal static void Prepare()
    {
        // On Windows, libtorch uses Intel's OpenMP, which would end the process at Ctrl+C before the run is saved.
        if (OperatingSystem.IsWindows())
        {
            Environment.SetEnvironmentVariable("FOR_DISABLE_CONSOLE_CTRL_HANDLER", "1");
        }

        // libtorch's threads come from GCC's OpenMP, where a waiting thread spins for milliseconds. If another process needs a core, the thread that is
        // waited for is delayed: training beside one busy loop fell from 112 to 41 images/s, and to 57 with this.
        if (OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null)
        {
            _ = OnnxSession.SetNativeVariable("GOMP_SPINCOUNT", "10000", overwrite: 0);
        }
    }
}
