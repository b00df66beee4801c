namespace MlNetEmotion.Trainer.Training;

/// <summary>An optimizer's constants.</summary>
/// <param name="Momentum">Of SGD: how much of the last direction stays.</param>
/// <param name="WeightDecay">How strongly weights of convolutions and linear layers are pulled to zero.</param>
internal sealed record OptimizerOptions(double Momentum = 0.9, double WeightDecay = 5e-4);
