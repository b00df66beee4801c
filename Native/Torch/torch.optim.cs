using static MlNetEmotion.Native.Torch.NativeMethods;

namespace MlNetEmotion.Native.Torch;

public static partial class torch
{
    /// <summary>Steps of optimizers.</summary>
    public static class optim
    {
        /// <summary>
        /// A step of gradient descent with Nesterov momentum, in place; float32 [P] each. It may overwrite the gradients.
        /// </summary>
        /// <param name="values">The parameters.</param>
        /// <param name="gradients">Theirs.</param>
        /// <param name="velocity">The optimizer's state, zeros at first.</param>
        /// <param name="decayed">How many, from the first on, weight decay applies to.</param>
        /// <param name="rate">The learning rate.</param>
        /// <param name="momentum">The share of the velocity that stays.</param>
        /// <param name="decay">The weight decay.</param>
        public static void sgd_step(Tensor values, Tensor gradients, Tensor velocity, long decayed, double rate, double momentum, double decay) =>
            Check(mlt_sgd_step(values.Handle, gradients.Handle, velocity.Handle, decayed, rate, momentum, decay), nameof(mlt_sgd_step));
    }
}
