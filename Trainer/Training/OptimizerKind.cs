namespace MlNetEmotion.Trainer.Training;

/// <summary>The optimizers by name.</summary>
internal enum OptimizerKind
{
    /// <summary>Stochastic gradient descent with Nesterov momentum.</summary>
    Sgd,

    /// <summary>Adam with decoupled weight decay.</summary>
    Adam,
}
