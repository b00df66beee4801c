using MlNetEmotion.Programs;
using MlNetEmotion.Native.Torch;

namespace MlNetEmotion.Trainer.Training;

/// <summary>Where and in which precision a network computes: the user's wishes, settled against this machine.</summary>
/// <param name="Device">The device.</param>
/// <param name="Bfloat16">Whether bfloat16 autocast is on in training.</param>
internal sealed record Compute(DeviceType Device, bool Bfloat16)
{
    /// <summary>Settles the wishes.</summary>
    /// <param name="device"><c>auto</c>, <c>cpu</c> or <c>cuda</c>.</param>
    /// <param name="precision">The precision.</param>
    /// <exception cref="UsageException">CUDA is asked for and there is none.</exception>
    public static Compute Resolve(string device, Precision precision)
    {
        bool cuda = torch.cuda_is_available();
        if (device == "cuda" && !cuda)
        {
            throw new UsageException($"no CUDA device was found by libtorch {torch.version}; use --device cpu, or build against a CUDA libtorch (Torch_DIR)");
        }

        // libtorch's own default counts physical cores, which a virtual machine often hides.
        torch.set_num_threads(Environment.ProcessorCount);
        DeviceType chosen = device == "cpu" || !cuda ? DeviceType.CPU : DeviceType.CUDA;
        return new Compute(chosen, precision switch
        {
            Precision.Auto => chosen == DeviceType.CUDA || torch.cpu_has_bfloat16,
            _ => precision == Precision.Bf16,
        });
    }

    /// <summary>Gets the precision's name, as a report shows it.</summary>
    public string PrecisionName => Bfloat16 ? "bf16" : "fp32";
}
