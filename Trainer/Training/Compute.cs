using System.Runtime.Intrinsics.X86;
using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetEmotion.Trainer.Training;

/// <summary>What convolutions and matrix products compute in; weights and everything else stay float32.</summary>
public enum Precision
{
    /// <summary>bfloat16 where the processor multiplies it natively, float32 elsewhere.</summary>
    Auto,

    /// <summary>float32.</summary>
    Fp32,

    /// <summary>bfloat16.</summary>
    Bf16,
}

/// <summary>Where and in which precision a network computes: the user's wishes, settled against this machine.</summary>
/// <param name="Device">The device.</param>
/// <param name="Bfloat16">Whether training computes in bfloat16.</param>
internal sealed record Compute(DeviceType Device, bool Bfloat16)
{
    /// <summary>Settles the wishes.</summary>
    /// <param name="device"><c>auto</c>, <c>cpu</c> or <c>cuda</c>.</param>
    /// <param name="precision">The precision.</param>
    /// <exception cref="UsageException">CUDA is asked for and there is none.</exception>
    public static Compute Resolve(string device, Precision precision)
    {
        TorchLibrary.Load();
        bool cuda = device != "cpu" && torch.cuda.is_available();
        if (device == "cuda" && !cuda)
        {
            throw new UsageException($"no CUDA device was found by libtorch {__version__}; use --device cpu, or build with -p:Cuda=true");
        }

        // libtorch's own default counts physical cores, which a virtual machine often hides.
        set_num_threads(Environment.ProcessorCount);
        if (cuda)
        {
            // cuDNN rounds float32 to ten bits by default, too coarse for the comparison of a network with its exported file.
            backends.cudnn.allow_tf32 = false;
        }

        return new Compute(cuda ? DeviceType.CUDA : DeviceType.CPU, precision switch
        {
            Precision.Auto => cuda || CpuMultipliesBfloat16,
            _ => precision == Precision.Bf16,
        });
    }

    /// <summary>Gets the precision's name, as a report shows it.</summary>
    public string PrecisionName => Bfloat16 ? "bf16" : "fp32";

    // AVX512_BF16: CPUID leaf 7, subleaf 1, EAX bit 5. Whether the system keeps those registers, Avx512F knows.
    private static bool CpuMultipliesBfloat16 => Avx512F.IsSupported && X86Base.CpuId(7, 0).Eax >= 1 && (X86Base.CpuId(7, 1).Eax & (1 << 5)) != 0;
}
