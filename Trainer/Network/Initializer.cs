namespace MlNetEmotion.Trainer.Network;

/// <summary>Fills a parameter's initial values.</summary>
internal static class Initializer
{
    /// <summary>Every element the same.</summary>
    /// <param name="value">The element.</param>
    public static Action<Random, float[]> Constant(float value) => (_, values) => Array.Fill(values, value);

    /// <summary>Normal with variance 2 / fan, which keeps a rectified layer's signal at its size (He et al. 2015,
    /// https://arxiv.org/abs/1502.01852).</summary>
    /// <param name="fan">For convolutions in residual networks, the fan-out: out channels times kernel area.</param>
    public static Action<Random, float[]> KaimingNormal(long fan)
    {
        double standardDeviation = Math.Sqrt(2.0 / fan);
        return (random, values) =>
        {
            for (int i = 0; i < values.Length; i++)
            {
                // Box-Muller; 1 - u keeps the logarithm finite.
                double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
                values[i] = (float)(standardDeviation * radius * Math.Cos(2 * Math.PI * random.NextDouble()));
            }
        };
    }

    /// <summary>Uniform in ±1/√fanIn, PyTorch's default for linear layers.</summary>
    /// <param name="fanIn">Inputs of one output.</param>
    public static Action<Random, float[]> Uniform(long fanIn)
    {
        double bound = 1 / Math.Sqrt(fanIn);
        return (random, values) =>
        {
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = (float)(((2 * random.NextDouble()) - 1) * bound);
            }
        };
    }
}
