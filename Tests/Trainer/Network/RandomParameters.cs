using MlNetEmotion.Trainer.Network;

namespace MlNetEmotion.Tests.Trainer.Network;

/// <summary>Parameters for which a mistake shows: no weight is 0 or 1, and running statistics are not those of the start.</summary>
internal static class RandomParameters
{
    /// <summary>
    /// Fills parameters by their names. Batch norms shift channels in turns far up and far down, so that no activation is near
    /// the corner of a ReLU, where a derivative is not what a difference shows.
    /// </summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="random">Draws the values.</param>
    /// <param name="shift">How far batch norms shift.</param>
    public static void Fill(FlatParameters parameters, Random random, float shift = 8)
    {
        foreach (Parameter parameter in parameters.All)
        {
            bool isOfNorm = parameter.Shape.Length == 1 && parameters.All.Any(p => p.IsBuffer && Layer(p) == Layer(parameter));
            parameter.Value.CopyFrom([.. Enumerable.Range(0, (int)parameter.Count).Select(i => parameter.Name.Split('.')[^1] switch
            {
                "running_mean" => Uniform(-0.5f, 0.5f),
                "running_var" => Uniform(0.5f, 2),
                "weight" when isOfNorm => Uniform(0.5f, 1.5f),
                "bias" when isOfNorm => (i % 2 == 0 ? shift : -shift) + Uniform(-0.5f, 0.5f),
                _ => Uniform(-1, 1) * MathF.Sqrt(3f / (parameter.Count / parameter.Shape[0])),
            })]);
        }

        float Uniform(float low, float high) => low + ((high - low) * random.NextSingle());
    }

    private static string Layer(Parameter parameter) => parameter.Name[..parameter.Name.LastIndexOf('.')];
}
