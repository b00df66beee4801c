using TorchSharp;
using static TorchSharp.torch;

namespace MlNetEmotion.Trainer.Network;

/// <summary>Histogram equalization: gives every face a uniform histogram of mean 0 and variance 1, because light and tone curve differ between cameras but
/// expressions do not. A model therefore takes raw gray values, [N, 1, H, W], in any light.</summary>
internal sealed class HistogramEqualization() : nn.Module<Tensor, Tensor>(nameof(HistogramEqualization))
{
    public const int Bins = 32;

    /// <summary>Half the histogram's range around a face's mean, in standard deviations.</summary>
    public const double Range = 3;

    /// <summary>Added to the variance, in squared gray levels, so that a face without contrast is not amplified.</summary>
    public const double Epsilon = 1;

    /// <summary>Scales a uniform distribution over [0, 1] to a variance of 1.</summary>
    public static readonly double Scale = Math.Sqrt(12);

    /// <summary>The type that the following layers compute in, float32 or bfloat16; the histogram is always float32.</summary>
    public ScalarType Output { get; set; } = ScalarType.Float32;

    /// <summary>Returns the scaled share of darker pixels. Each pixel is split between the two nearest knots, so the result is continuous in the gray
    /// values.</summary>
    public override Tensor forward(Tensor x)
    {
        using IDisposable noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor pixels = x.flatten(1);                                           // [N, P]
        Tensor centred = pixels - pixels.mean([1], keepdim: true);
        Tensor levels = centred * (centred.square().mean([1], keepdim: true) + Epsilon).rsqrt();
        Tensor place = ((levels + Range) * (Bins / (2 * Range))).clamp_(0, Bins);
        Tensor knot = place.floor().clamp_(0, Bins - 1);                        // the lower knot
        Tensor above = place - knot;
        Tensor index = knot.to(ScalarType.Int64);
        Tensor histogram = zeros(x.shape[0], Bins + 1, device: x.device)
            .scatter_add_(1, index, 1 - above)
            .scatter_add_(1, index + 1, above) / pixels.shape[1];               // [N, bins + 1]
        Tensor darker = histogram.cumsum(1) - (histogram / 2);
        darker -= darker.narrow(1, 0, 1).clone();
        Tensor atKnot = darker.gather(1, index);
        Tensor share = atKnot + (above * (darker.gather(1, index + 1) - atKnot));
        return ((share - 0.5) * Scale).view_as(x).ChannelsLast().to(Output).MoveToOuterDisposeScope();
    }
}
