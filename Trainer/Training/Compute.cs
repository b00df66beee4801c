using MlNetEmotion.Trainer.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetEmotion.Trainer.Training;

/// <summary>The precision of convolutions and matrix products in training; weights and everything else stay float32.</summary>
public enum Precision
{
    /// <summary>bfloat16 on a GPU, otherwise float32.</summary>
    Auto,

    /// <summary>float32.</summary>
    Fp32,

    /// <summary>bfloat16; on processors, faster than float32 only with AMX (docs/experiments.md).</summary>
    Bf16,
}

/// <summary>The device and training precision that a network computes with on this machine.</summary>
internal sealed record Compute(DeviceType Device, bool Bfloat16)
{
    /// <summary>Resolves the requested device (<c>auto</c>, <c>cpu</c> or <c>cuda</c>) and precision to what this machine has.</summary>
    /// <exception cref="UsageException">CUDA is requested, but there is no CUDA device.</exception>
    public static Compute Resolve(string device, Precision precision)
    {
        TorchLibrary.Load();
        bool cuda = device != "cpu" && torch.cuda.is_available();
        if (device == "cuda" && !cuda)
        {
            throw new UsageException($"no CUDA device was found by libtorch {__version__}; use --device cpu, or build with -p:Cuda=true");
        }

        // libtorch's default is the number of physical cores, which virtual machines often hide.
        set_num_threads(Environment.ProcessorCount);
        if (cuda)
        {
            // By default, cuDNN rounds float32 to ten bits (TF32): too coarse to compare a network with its exported file.
            backends.cudnn.allow_tf32 = false;
        }

        return new Compute(cuda ? DeviceType.CUDA : DeviceType.CPU, Bfloat16: precision == Precision.Bf16 || (precision == Precision.Auto && cuda));
    }

    /// <summary>The precision's name in reports.</summary>
    public string PrecisionName => Bfloat16 ? "bf16" : "fp32";
}
