using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Commands;

/// <summary>A run of three epochs on a few generated faces, typed as a user types it and never stopped.</summary>
[CollectionDefinition(nameof(TrainedRun))]
public sealed class TrainedRun : IAsyncLifetime, ICollectionFixture<TrainedRun>
{
    private readonly TemporaryFolder folder = new();

    public string Data => Path.Combine(folder.Root, "data");

    public string Output => Path.Combine(folder.Root, "run");

    public string Console { get; private set; } = "";

    public string Error { get; private set; } = "";

    /// <summary>The warning of every run on these faces: 14 validation images are too few to calibrate on.</summary>
    public string Warning => $"warning: {Data}: 14 images, 0 classes with 5 or more, are too few to calibrate on: expected at least 50, and 5 of each of 5 classes; "
        + "the model is left uncalibrated, so its confidence may mean little. Add validation images\n";

    public static string[] Arguments(string data, string output) =>
        ["train", "--data", data, "--network", "classic", "--epochs", "3", "--batch-size", "8", "--seed", "3", "--output", output];

    public async ValueTask InitializeAsync()
    {
        // 70 faces to train on, 14 to validate: eight steps an epoch.
        (int exitCode, _, string error) = await TrainerProcess.Run("generate", "--output", Data, "--count", "84", "--seed", "2");
        Assert.True(exitCode == 0, error);
        (exitCode, Console, Error) = await TrainerProcess.Run(Arguments(Data, Output));
        Assert.True(exitCode == 0, Error);
    }

    public ValueTask DisposeAsync()
    {
        folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
