using MlNetEmotion.Native.Torch;
using MlNetEmotion.Trainer.Export;

namespace MlNetEmotion.Trainer.Network;

/// <summary>Layers one after the other, named by position.</summary>
internal sealed class Sequential : Module
{
    private readonly Module[] layers;

    public Sequential(params IEnumerable<Module> layers) =>
        this.layers = [.. layers.Select((layer, i) => Register($"{i}", layer))];

    public override Tensor forward(Tensor x) => forward(x, layers.Length);

    /// <summary>The output of the first layers alone.</summary>
    public Tensor forward(Tensor x, int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (layers[i] is BatchNorm2d norm && i + 1 < count && layers[i + 1] is ReLU)
            {
                x = norm.forward(x, relu: true);
                i++;
            }
            else
            {
                x = layers[i].forward(x);
            }
        }

        return x;
    }

    public override string Export(OnnxGraph graph, string input)
    {
        string value = input;
        for (int i = 0; i < layers.Length; i++)
        {
            if (layers[i] is Conv2d conv && i + 1 < layers.Length && layers[i + 1] is BatchNorm2d norm)
            {
                value = conv.Export(graph, value, norm);
                i++;
            }
            else
            {
                value = layers[i].Export(graph, value);
            }
        }

        return value;
    }

    public override void Import(ReadWeights weights)
    {
        for (int i = 0; i < layers.Length; i++)
        {
            if (layers[i] is Conv2d conv && i + 1 < layers.Length && layers[i + 1] is BatchNorm2d norm)
            {
                conv.Import(weights, norm);
                i++;
            }
            else
            {
                layers[i].Import(weights);
            }
        }
    }
}
