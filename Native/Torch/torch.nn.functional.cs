using static MlNetEmotion.Native.Torch.NativeMethods;

namespace MlNetEmotion.Native.Torch;

public static partial class torch
{
    /// <summary>Neural networks.</summary>
    public static class nn
    {
        /// <summary>What forward passes and losses are made of; autograd and autocast apply. Images are [N, C, H, W].</summary>
        public static class functional
        {
            /// <summary>Element-wise sum with a number.</summary>
            public static Tensor add(Tensor a, double scalar) => Tensor.Result(mlt_add_scalar(a.Handle, scalar, out TensorHandle r), r, nameof(mlt_add_scalar));

            /// <summary>Element-wise product, broadcasting.</summary>
            public static Tensor mul(Tensor a, Tensor b) => Tensor.Result(mlt_mul(a.Handle, b.Handle, out TensorHandle r), r, nameof(mlt_mul));

            /// <summary>Element-wise product with a number.</summary>
            public static Tensor mul(Tensor a, double scalar) => Tensor.Result(mlt_mul_scalar(a.Handle, scalar, out TensorHandle r), r, nameof(mlt_mul_scalar));

            /// <summary><c>max(0, x)</c>; in place it saves the memory of a copy.</summary>
            public static Tensor relu(Tensor x, bool inplace = false) => Tensor.Result(mlt_relu(x.Handle, inplace ? 1 : 0, out TensorHandle r), r, nameof(mlt_relu));

            /// <summary><c>1 / (1 + exp(-x))</c>.</summary>
            public static Tensor sigmoid(Tensor x) => Tensor.Result(mlt_sigmoid(x.Handle, out TensorHandle r), r, nameof(mlt_sigmoid));

            /// <summary>Exponentials that sum to 1 along a dimension, float32.</summary>
            public static Tensor softmax(Tensor x, long dim) => Tensor.Result(mlt_softmax(x.Handle, dim, out TensorHandle r), r, nameof(mlt_softmax));

            /// <summary>Merges the dimensions from <paramref name="startDim"/> on.</summary>
            public static Tensor flatten(Tensor x, long startDim = 1) => Tensor.Result(mlt_flatten(x.Handle, startDim, out TensorHandle r), r, nameof(mlt_flatten));

            /// <summary>The mean over dimensions.</summary>
            public static unsafe Tensor mean(Tensor x, long[] dims, bool keepdim = false)
            {
                fixed (long* pointer = dims)
                {
                    return Tensor.Result(mlt_mean(x.Handle, pointer, dims.Length, keepdim ? 1 : 0, out TensorHandle r), r, nameof(mlt_mean));
                }
            }

            /// <summary>Histogram equalization of each image, [N, 1, H, W]: the share of its pixels that are darker, from 0 to 1. The histogram has
            /// <paramref name="bins"/> bins over <paramref name="range"/> standard deviations to either side of the image's mean.</summary>
            public static Tensor equalize(Tensor x, long bins, double range, double eps) =>
                Tensor.Result(mlt_equalize(x.Handle, bins, range, eps, out TensorHandle r), r, nameof(mlt_equalize));

            /// <summary>Cross-correlation. <paramref name="weight"/> [out, in / groups, k, k], <paramref name="bias"/> [out].</summary>
            public static Tensor conv2d(Tensor x, Tensor weight, Tensor? bias = null, long stride = 1, long padding = 0, long groups = 1) =>
                Tensor.Result(mlt_conv2d(x.Handle, weight.Handle, Optional(bias), stride, padding, groups, out TensorHandle r), r, nameof(mlt_conv2d));

            /// <summary><c>x Wᵀ + b</c> with x [N, in], <paramref name="weight"/> [out, in], <paramref name="bias"/> [out].</summary>
            public static Tensor linear(Tensor x, Tensor weight, Tensor? bias = null) =>
                Tensor.Result(mlt_linear(x.Handle, weight.Handle, Optional(bias), out TensorHandle r), r, nameof(mlt_linear));

            /// <summary>Batch normalization over N, H, W, if wished with ReLU behind it. In training it updates the running statistics in place.</summary>
            public static Tensor batch_norm(
                Tensor x, Tensor runningMean, Tensor runningVar, Tensor weight, Tensor bias, bool training, double momentum, double eps, bool relu = false) =>
                Tensor.Result(
                    mlt_batch_norm(x.Handle, runningMean.Handle, runningVar.Handle, weight.Handle, bias.Handle, training ? 1 : 0, momentum, eps, relu ? 1 : 0, out TensorHandle r),
                    r,
                    nameof(mlt_batch_norm));

            /// <summary><c>max(0, x · gate + shortcut)</c>: how a residual block with channel gates, [N, C, 1, 1], ends.</summary>
            public static Tensor gated_sum_relu(Tensor x, Tensor gate, Tensor shortcut) =>
                Tensor.Result(mlt_gated_sum_relu(x.Handle, gate.Handle, shortcut.Handle, out TensorHandle r), r, nameof(mlt_gated_sum_relu));

            /// <summary>The largest value under each window; padding counts as minus infinity.</summary>
            public static Tensor max_pool2d(Tensor x, long kernelSize, long stride, long padding = 0) =>
                Tensor.Result(mlt_max_pool2d(x.Handle, kernelSize, stride, padding, out TensorHandle r), r, nameof(mlt_max_pool2d));

            /// <summary>The mean under each window.</summary>
            public static Tensor avg_pool2d(Tensor x, long kernelSize, long stride) =>
                Tensor.Result(mlt_avg_pool2d(x.Handle, kernelSize, stride, out TensorHandle r), r, nameof(mlt_avg_pool2d));

            /// <summary>In training, zeroes each element with probability p and scales the rest by 1 / (1 - p).</summary>
            public static Tensor dropout(Tensor x, double p, bool training) =>
                Tensor.Result(mlt_dropout(x.Handle, p, training ? 1 : 0, out TensorHandle r), r, nameof(mlt_dropout));

            /// <summary>Mean categorical cross-entropy of logits [N, classes] against distributions, float32 [N, classes].</summary>
            public static Tensor cross_entropy(Tensor logits, Tensor target) =>
                Tensor.Result(mlt_cross_entropy(logits.Handle, target.Handle, out TensorHandle r), r, nameof(mlt_cross_entropy));

            private static TensorHandle Optional(Tensor? tensor) => tensor?.Handle ?? TensorHandle.None;
        }
    }
}
