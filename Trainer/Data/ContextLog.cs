using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MlNetEmotion.Trainer.Data;

/// <summary>Passes warnings to an <see cref="MLContext"/>'s log.</summary>
internal sealed class ContextLog(MLContext ml) : IProgress<string>
{
    private const string Source = "MlNetEmotion";

    public void Report(string value)
    {
        using IChannel channel = ((IChannelProvider)ml).Start(Source);
        channel.Warning(MessageSensitivity.UserData, value);
    }
}
