using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MlNetEmotion.Imaging;
using MlNetEmotion.Onnx;
using MlNetEmotion.Trainer.Data;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNetEmotion.Trainer.Network;

/// <summary>Between libtorch's memory and .NET's.</summary>
internal static partial class Tensors
{
    /// <summary>A copy of float32 data, row-major.</summary>
    public static Tensor Of(ReadOnlySpan<float> values, long[] shape, Device device)
    {
        TorchLibrary.Load();
        Tensor tensor = empty(shape, ScalarType.Float32);
        MemoryMarshal.AsBytes(values).CopyTo(tensor.bytes);
        if (device.type == DeviceType.CPU)
        {
            return tensor;
        }

        // From page-locked memory a copy waits its turn on the device; from any other, the caller waits until the device has done all it was given.
        using (tensor)
        {
            using Tensor pinned = tensor.pin_memory();
            return pinned.to(device, non_blocking: true);
        }
    }

    /// <summary>All elements as float32, row-major, whatever the tensor's type, layout and device.</summary>
    public static float[] ToArray(this Tensor tensor)
    {
        using DisposeScope scope = NewDisposeScope();
        return MemoryMarshal.Cast<byte, float>(tensor.detach().to(ScalarType.Float32).cpu().contiguous().bytes).ToArray();
    }

    /// <summary>Overwrites all elements, row-major, whatever the tensor's layout and device.</summary>
    public static void CopyFrom(this Tensor tensor, ReadOnlySpan<float> values)
    {
        using IDisposable noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        tensor.copy_(Of(values, tensor.shape, CPU));
    }

    /// <summary>A head's part, float32 [N, 7], of all heads' logits or targets: 0 for the labels', 1 for the votes'.</summary>
    public static Tensor Head(this Tensor heads, int index) => heads.narrow(1, index * Emotions.Count, Emotions.Count);

    /// <summary>Whether weight decay pulls a parameter: the weights of convolutions and linear layers, not biases or norms.</summary>
    public static bool Decays(this Tensor parameter) => parameter.ndim > 1;

    /// <summary>A layer's parameter, which outlives the scope that it is made in.</summary>
    public static Parameter Learned(Tensor values)
    {
        Parameter parameter = nn.Parameter(values);
        parameter.DetachFromDisposeScope();
        return parameter;
    }

    /// <summary>[N, C, H, W] stored as NHWC, the layout that oneDNN's kernels are fastest in; operators keep it.</summary>
    public static Tensor ChannelsLast(this Tensor x) => x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);

    /// <summary>Copies a batch, so that the loader may fill its buffers anew at once.</summary>
    /// <returns>float32 [N, 1, 48, 48], gray, each in [0, 255], and float32 [N, 7] or with votes [N, 14], distributions over the classes.</returns>
    public static (Tensor Images, Tensor Targets) ToTensors(this FaceBatch batch, Device device) =>
    (
        Of(batch.Images.AsSpan(0, batch.Count * FacePreprocessor.PixelCount), [batch.Count, 1, FacePreprocessor.Size, FacePreprocessor.Size], device),
        Of(batch.Targets.AsSpan(0, batch.Count * batch.TargetSize), [batch.Count, batch.TargetSize], device));

    // Before libtorch's libraries are loaded, which read their environment then; .NET's own SetEnvironmentVariable doesn't reach it.
    [ModuleInitializer]
    internal static void Prepare()
    {
        // Intel's OpenMP, which libtorch has on Windows, would end the process at Ctrl+C before the run is saved.
        if (OperatingSystem.IsWindows())
        {
            Environment.SetEnvironmentVariable("FOR_DISABLE_CONSOLE_CTRL_HANDLER", "1");
        }

        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        // GCC's OpenMP, which libtorch's threads come from, lets a thread spin for milliseconds while it waits for another one. Where something
        // else needs a core, that other one waits too: training beside one busy loop fell from 112 to 41 images/s, and to 57 with this.
        if (Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null)
        {
            _ = OnnxSession.SetNativeVariable("GOMP_SPINCOUNT", "10000", overwrite: 0);
        }

        // Activations come and go by the megabyte at each step. As glibc has it, each is mapped anew, page by page, and cleared; kept in the
        // heap, their memory is used again. What that is worth was not measured on an idle machine.
        const int TrimThreshold = -1, MmapThreshold = -3;
        _ = SetMallocOption(MmapThreshold, 1 << 30);
        _ = SetMallocOption(TrimThreshold, int.MaxValue);
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetMallocOption(int option, int value);
}
