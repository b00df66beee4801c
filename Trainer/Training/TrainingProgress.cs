using System.Text.Json.Serialization;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Network;

namespace MlNetEmotion.Trainer.Training;

/// <summary>A run's position and metrics so far, enough to resume it exactly.</summary>
internal sealed record TrainingProgress
{
    /// <summary>The current epoch, from 0.</summary>
    public int Epoch { get; set; }

    /// <summary>The next batch of the epoch.</summary>
    public int Batch { get; set; }

    /// <summary>The sum over the epoch's batches of loss times batch size.</summary>
    public double LossSum { get; set; }

    /// <summary>The number of faces classified correctly in this epoch.</summary>
    public int Correct { get; set; }

    /// <summary>The number of faces seen in this epoch.</summary>
    public int Faces { get; set; }

    /// <summary>The wall-clock seconds spent on this epoch.</summary>
    public double Seconds { get; set; }

    /// <summary>The temperature that calibrates the latest epoch's averaged weights on the validation set.</summary>
    public double Temperature { get; set; } = 1;

    /// <summary>The head that the finished run's model uses; <see cref="OutputHead.Labels"/> until then.</summary>
    [JsonPropertyName("answer")] public OutputHead Head { get; set; } = OutputHead.Labels;

    /// <summary>The metrics of each head of the finished run, whose calibration then replaces <see cref="Temperature"/>; empty until then.</summary>
    [JsonPropertyName("answers")] public Dictionary<OutputHead, HeadMetrics> Heads { get; set; } = [];

    /// <summary>The finished epochs.</summary>
    public List<EpochRecord> History { get; init; } = [];

    /// <summary>Returns the best finished epoch; null before the first.</summary>
    public EpochRecord? Best() => BestOf(History);

    /// <summary>Returns the epoch whose network is kept and reported: the one with the highest validation accuracy, or with votes the highest sum of accuracy
    /// and agreement; the earliest of equals. Null if there is none.</summary>
    public static EpochRecord? BestOf(IEnumerable<EpochRecord> history) => history.MaxBy(record => record.ValidationAccuracy + (record.VoteAgreement ?? 0));

    /// <summary>Completes the current epoch.</summary>
    public void NextEpoch(EpochRecord record)
    {
        History.Add(record);
        (Epoch, Batch, LossSum, Correct, Faces, Seconds) = (Epoch + 1, 0, 0, 0, 0, 0);
    }
}

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
