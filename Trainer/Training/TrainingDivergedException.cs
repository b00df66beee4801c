namespace MlNetEmotion.Trainer.Training;

/// <summary>The loss became infinite or not a number: the weights are spoilt and the run stops.</summary>
internal sealed class TrainingDivergedException(int epoch, int batch, double learningRate) : Exception(
    $"the loss is not a number any more at epoch {epoch + 1}, batch {batch + 1} (learning rate {learningRate:g3}): "
    + "train again with a lower --learning-rate; checkpoints of earlier epochs are kept");
