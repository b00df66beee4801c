namespace MlNetEmotion.Trainer.Network;

/// <summary>The networks by name. Each takes raw gray values, float32 [N, 1, 48, 48] in [0, 255], and gives logits [N, 7].</summary>
internal static class Networks
{
    private static readonly Dictionary<string, Func<Module>> Builders = new(StringComparer.OrdinalIgnoreCase)
    {
        ["seed"] = Seed,
        ["emonet"] = EmoNet,
        ["emonet-small"] = EmoNetSmall,
        ["emonet-large"] = EmoNetLarge,
    };

    /// <summary>Gets the names that <see cref="Create"/> knows.</summary>
    public static IReadOnlyCollection<string> Names => Builders.Keys;

    /// <summary>Declares a network; its parameters have names but no memory yet.</summary>
    /// <param name="name">One of <see cref="Names"/>, whatever the case.</param>
    /// <exception cref="ArgumentException">There is no such network.</exception>
    public static Module Create(string name)
    {
        if (!Builders.TryGetValue(name, out Func<Module>? build))
        {
            throw new ArgumentException($"no network is called '{name}'; there are {string.Join(", ", Names)}", nameof(name));
        }

        Module network = build();
        network.AssignNames("");
        return network;
    }

    /// <summary>The classic small CNN of this task: two stages of 3×3 convolutions, then a dense layer; 1.25 M parameters.</summary>
    private static Sequential Seed() => new(
        new Equalize(),                                                     // [N, 1, 48, 48]
        new Conv2d(1, 32, kernelSize: 3, padding: 1), new ReLU(),           // [N, 32, 48, 48]
        new Conv2d(32, 32, kernelSize: 3, padding: 1), new ReLU(),
        new MaxPool2d(2, stride: 2), new Dropout(0.25),                     // [N, 32, 24, 24]
        new Conv2d(32, 64, kernelSize: 3, padding: 1), new ReLU(),
        new Conv2d(64, 64, kernelSize: 3, padding: 1), new ReLU(),
        new MaxPool2d(2, stride: 2), new Dropout(0.25),                     // [N, 64, 12, 12]
        new Flatten(),                                                      // [N, 9216]
        new Linear(64 * 12 * 12, 128), new ReLU(), new Dropout(0.5),
        new Linear(128, Emotions.Count));                                   // [N, 7]

    /// <summary>A residual network with squeeze-excitation; 2.8 M parameters, 0.18 GFLOP.</summary>
    private static Sequential EmoNet() => Residual([32, 64, 128, 256], blocksAStage: 2, dropout: 0.4, PoolingStem());

    /// <summary>The same with a block a stage and a stem that halves at once: 0.9 M parameters, 0.07 GFLOP.</summary>
    private static Sequential EmoNetSmall() => Residual([32, 64, 128, 192], blocksAStage: 1, dropout: 0.3, stem:
    [
        new Conv2d(1, 32, kernelSize: 5, stride: 2, padding: 2, bias: false),
        new BatchNorm2d(32),                                                // [N, 32, 24, 24]
        new ReLU(),
    ]);

    /// <summary>As emonet, but wider behind the first stage; 4.4 M parameters, 0.24 GFLOP.</summary>
    private static Sequential EmoNetLarge() => Residual([32, 80, 160, 320], blocksAStage: 2, dropout: 0.4, PoolingStem());

    private static Module[] PoolingStem() =>
    [
        new Conv2d(1, 32, kernelSize: 3, padding: 1, bias: false),
        new BatchNorm2d(32),                                                // [N, 32, 48, 48]
        new MaxPool2d(3, stride: 2, padding: 1),                            // [N, 32, 24, 24]
        new ReLU(),                                                         // behind the pool: the same result, a quarter of the work
    ];

    // Stages at 24×24, 12×12, 6×6 and 3×3.
    private static Sequential Residual(int[] widths, int blocksAStage, double dropout, Module[] stem)
    {
        List<Module> layers = [new Equalize(), .. stem];
        int inChannels = widths[0];
        foreach (int width in widths)
        {
            layers.Add(new ResidualBlock(inChannels, width, stride: width == widths[0] ? 1 : 2));
            layers.AddRange(Enumerable.Range(1, blocksAStage - 1).Select(_ => new ResidualBlock(width, width, stride: 1)));
            inChannels = width;
        }

        return new Sequential([.. layers, new GlobalAvgPool2d(), new Flatten(), new Dropout(dropout), new Linear(inChannels, Emotions.Count)]);
    }
}
