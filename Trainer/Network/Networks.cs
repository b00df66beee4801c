using TorchSharp;
using static TorchSharp.torch;
using Layer = TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor>;

namespace MlNetEmotion.Trainer.Network;

/// <summary>The registry of networks.</summary>
internal static class Networks
{
    private static readonly Dictionary<string, Func<Layer[]>> Builders = new(StringComparer.OrdinalIgnoreCase)
    {
        ["classic"] = Classic,
        ["emonet"] = () => Residual([32, 64, 128, 256], blocksPerStage: 2, dropout: 0.4, PoolingStem()),          // 2.8 M parameters, 0.18 GFLOP
        ["emonet-small"] = () => Residual([32, 64, 128, 192], blocksPerStage: 1, dropout: 0.3, HalvingStem()),    // 0.9 M parameters, 0.07 GFLOP
        ["emonet-large"] = () => Residual([32, 80, 160, 320], blocksPerStage: 2, dropout: 0.4, PoolingStem()),    // 4.4 M parameters, 0.24 GFLOP
        ["emonet-teacher"] = () => Residual([32, 96, 192, 384], blocksPerStage: 2, dropout: 0.4, FullStem()),    // 6.3 M parameters, 1.1 GFLOP
    };

    /// <summary>The network names that <see cref="Create"/> accepts.</summary>
    public static IReadOnlyCollection<string> Names => Builders.Keys;

    /// <summary>Returns a network's current name, or null if it is unknown. Files of earlier versions call 'classic' 'seed'.</summary>
    public static string? Find(string name) => name.Equals("seed", StringComparison.OrdinalIgnoreCase)
        ? "classic"
        : Names.FirstOrDefault(known => known.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Creates a network.</summary>
    /// <param name="name">One of <see cref="Names"/>, ignoring case.</param>
    /// <param name="votes">Whether it has a second head, for people's votes.</param>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static EmotionNetwork Create(string name, int seed = 1, DeviceType device = DeviceType.CPU, bool votes = false)
    {
        TorchLibrary.Load();
        string known = Find(name) ?? throw new ArgumentException($"no network is called '{name}'; there are {string.Join(", ", Names)}", nameof(name));
        Layer[] layers = Builders[known]();
        if (votes)
        {
            using var single = (Linear)layers[^1];
            layers[^1] = new LabelAndVoteHeads((int)single.Weight.shape[1]);
        }

        var network = new EmotionNetwork(known, layers);
        Initialize(network, seed);
        return device == DeviceType.CPU ? network : network.to(device);
    }

    /// <summary>Initializes the weights of a network or layer.</summary>
    public static void Initialize(nn.Module network, int seed)
    {
        using var generator = new Generator(unchecked((ulong)seed));
        using IDisposable noGrad = no_grad();
        foreach (nn.Module layer in network.modules().Prepend(network).Distinct())
        {
            // Convolutions: He et al. 2015, https://arxiv.org/abs/1502.01852, by fan-out as in residual networks. Dense layers: as PyTorch.
            _ = layer switch
            {
                Conv2d conv => conv.Weight.normal_(0, Math.Sqrt(2.0 / ((long)conv.OutChannels * conv.KernelSize * conv.KernelSize)), generator),
                Linear linear => linear.Weight.uniform_(-1 / Math.Sqrt(linear.Weight.shape[1]), 1 / Math.Sqrt(linear.Weight.shape[1]), generator),
                _ => null,
            };
        }
    }

    /// <summary>The classic small CNN for this task: two stages of 3×3 convolutions, then a dense layer; 1.25 M parameters.</summary>
    private static Layer[] Classic() =>
    [
        new HistogramEqualization(),                                                                 // [N, 1, 48, 48]
        new Conv2d(1, 32, kernelSize: 3, padding: 1), nn.ReLU(inplace: true),           // [N, 32, 48, 48]
        new Conv2d(32, 32, kernelSize: 3, padding: 1), nn.ReLU(inplace: true),
        nn.MaxPool2d(2, stride: 2), nn.Dropout(0.25),                                   // [N, 32, 24, 24]
        new Conv2d(32, 64, kernelSize: 3, padding: 1), nn.ReLU(inplace: true),
        new Conv2d(64, 64, kernelSize: 3, padding: 1), nn.ReLU(inplace: true),
        nn.MaxPool2d(2, stride: 2), nn.Dropout(0.25),                                   // [N, 64, 12, 12]
        nn.Flatten(),                                                                   // [N, 9216]
        new Linear(64 * 12 * 12, 128), nn.ReLU(inplace: true), nn.Dropout(0.5),
        new Linear(128, Emotions.Count),                                                // [N, 7]
    ];

    private static Layer[] PoolingStem() =>
    [
        new Conv2d(1, 32, kernelSize: 3, padding: 1, bias: false), nn.BatchNorm2d(32),  // [N, 32, 48, 48]
        nn.MaxPool2d(3, stride: 2, padding: 1),                                         // [N, 32, 24, 24]
        nn.ReLU(inplace: true),                                                         // after the pool: the same result for a quarter of the work
    ];

    // Without pooling, the feature maps of all stages have twice the side length.
    private static Layer[] FullStem() =>
    [
        new Conv2d(1, 32, kernelSize: 3, padding: 1, bias: false), nn.BatchNorm2d(32), nn.ReLU(inplace: true),  // [N, 32, 48, 48]
    ];

    private static Layer[] HalvingStem() =>
    [
        new Conv2d(1, 32, kernelSize: 5, stride: 2, padding: 2, bias: false), nn.BatchNorm2d(32), nn.ReLU(inplace: true), // [N, 32, 24, 24]
    ];

    /// <summary>A residual network with squeeze-excitation, with stages at 24×24, 12×12, 6×6 and 3×3.</summary>
    private static Layer[] Residual(int[] widths, int blocksPerStage, double dropout, Layer[] stem)
    {
        List<Layer> layers = [new HistogramEqualization(), .. stem];                                 // [N, 32, 24, 24]
        int inChannels = widths[0];
        foreach (int width in widths)
        {
            layers.Add(new ResidualBlock(inChannels, width, stride: width == widths[0] ? 1 : 2));
            layers.AddRange(Enumerable.Range(1, blocksPerStage - 1).Select(_ => new ResidualBlock(width, width, stride: 1)));
            inChannels = width;
        }

        return
        [
            .. layers,                                                                  // [N, C, 3, 3]
            new GlobalAvgPool2d(), nn.Flatten(), nn.Dropout(dropout),                   // [N, C]
            new Linear(inChannels, Emotions.Count),                                     // [N, 7]
        ];
    }
}
