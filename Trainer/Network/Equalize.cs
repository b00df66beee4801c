using TorchSharp;
using static TorchSharp.torch;

namespace MlNetEmotion.Trainer.Network;

/// <summary>Gives every face the same histogram, an even one of mean 0 and variance 1: light and tone curve differ
/// from camera to camera, expressions do not. So a model takes raw gray values, [N, 1, H, W], whatever the light.</summary>
internal sealed class Equalize() : nn.Module<Tensor, Tensor>(nameof(Equalize))
{
    public const int Bins = 32;

    /// <summary>How far the histogram reaches to either side of a face's mean, in its standard deviations.</summary>
    public const double Range = 3;

    /// <summary>In squared gray levels: a face without contrast stays without.</summary>
    public const double Epsilon = 1;

    /// <summary>What gives an even distribution over [0, 1] a variance of 1.</summary>
    public static readonly double Scale = Math.Sqrt(12);

    /// <summary>Gets or sets what the layers behind compute in, float32 or bfloat16; a histogram always takes float32.</summary>
    public ScalarType Output { get; set; } = ScalarType.Float32;

    /// <summary>The share of darker pixels, scaled. A pixel counts for the two knots beside its level, by nearness: the result changes without jumps.</summary>
    public override Tensor forward(Tensor x)
    {
        using IDisposable noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor pixels = x.flatten(1);                                           // [N, P]
        Tensor centred = pixels - pixels.mean([1], keepdim: true);
        Tensor levels = centred * (centred.square().mean([1], keepdim: true) + Epsilon).rsqrt();
        Tensor place = ((levels + Range) * (Bins / (2 * Range))).clamp_(0, Bins);
        Tensor knot = place.floor().clamp_(0, Bins - 1);                        // the lower of the two
        Tensor above = place - knot;
        Tensor index = knot.to(ScalarType.Int64);
        Tensor histogram = zeros(x.shape[0], Bins + 1, device: x.device)
            .scatter_add_(1, index, 1 - above)
            .scatter_add_(1, index + 1, above) / pixels.shape[1];               // [N, bins + 1]
        Tensor darker = histogram.cumsum(1) - (histogram / 2);
        darker -= darker.narrow(1, 0, 1).clone();
        Tensor atKnot = darker.gather(1, index);
        Tensor share = atKnot + (above * (darker.gather(1, index + 1) - atKnot));
        return ((share - 0.5) * Scale).view_as(x).to(Output).MoveToOuterDisposeScope();
    }
}
