namespace MlNetEmotion.Trainer.Network;

/// <summary>Gives the weights of an exported network.</summary>
/// <param name="name">The initializer's name: as a rule its parameter's.</param>
/// <param name="count">How many elements it must have.</param>
/// <returns>Its elements, row-major.</returns>
internal delegate float[] ReadWeights(string name, long count);
