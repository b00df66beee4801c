namespace MlNetEmotion.Trainer.Training;

/// <summary>What convolutions and matrix products compute in; weights and everything else stay float32.</summary>
internal enum Precision
{
    /// <summary>bfloat16 where the processor multiplies it natively, float32 elsewhere.</summary>
    Auto,

    /// <summary>float32.</summary>
    Fp32,

    /// <summary>bfloat16 autocast.</summary>
    Bf16,
}
