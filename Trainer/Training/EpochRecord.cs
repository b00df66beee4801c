namespace MlNetEmotion.Trainer.Training;

/// <summary>The metrics of one training epoch.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="TrainLoss">Mean cross-entropy of the epoch's training batches, in nats.</param>
/// <param name="TrainAccuracy">Share of training samples classified correctly while training, in [0, 1].</param>
/// <param name="ValidationLoss">Mean cross-entropy on the validation set after the epoch, in nats.</param>
/// <param name="ValidationAccuracy">Share of validation samples classified correctly after the epoch, in [0, 1].</param>
/// <param name="LearningRate">The learning rate of the epoch's last step.</param>
/// <param name="ImagesPerSecond">Training throughput, without validation.</param>
/// <param name="Seconds">Wall-clock time of the epoch, validation included.</param>
public sealed record EpochRecord(
    int Epoch,
    double TrainLoss,
    double TrainAccuracy,
    double ValidationLoss,
    double ValidationAccuracy,
    double LearningRate,
    double ImagesPerSecond,
    double Seconds)
{
    /// <summary>Share of validation faces for which the vote head predicts the majority's class, in [0, 1]; null without votes.</summary>
    public double? VoteAgreement { get; init; }
}
