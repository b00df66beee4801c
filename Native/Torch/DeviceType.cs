namespace MlNetEmotion.Native.Torch;

/// <summary>Where a tensor lives.</summary>
public enum DeviceType
{
    /// <summary>Main memory.</summary>
    CPU = 0,

    /// <summary>The first CUDA device.</summary>
    CUDA = 1,
}
