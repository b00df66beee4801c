using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Network;

namespace MlNetEmotion.Trainer.Training;

/// <summary>How far a run has come, exactly enough to go on as if it had never stopped.</summary>
internal sealed record TrainingPosition
{
    /// <summary>Gets or sets the epoch in progress, from 0.</summary>
    public int Epoch { get; set; }

    /// <summary>Gets or sets the next batch of that epoch.</summary>
    public int Batch { get; set; }

    /// <summary>Gets or sets the epoch's losses so far, each times its batch's size.</summary>
    public double LossSum { get; set; }

    /// <summary>Gets or sets the epoch's correctly classified faces so far.</summary>
    public int Correct { get; set; }

    /// <summary>Gets or sets the epoch's faces so far.</summary>
    public int Faces { get; set; }

    /// <summary>Gets or sets the epoch's wall-clock seconds so far.</summary>
    public double Seconds { get; set; }

    /// <summary>Gets or sets the temperature that calibrates the latest epoch's average on the validation set.</summary>
    public double Temperature { get; set; } = 1;

    /// <summary>Gets or sets what the finished run's model answers with; the labels before.</summary>
    public Answer Answer { get; set; } = Answer.Labels;

    /// <summary>Gets or sets what each answer of the finished run's network is worth, whose calibration replaces the temperature; none before.</summary>
    public Dictionary<Answer, AnswerFigures> Answers { get; set; } = [];

    /// <summary>Gets the epochs that are done.</summary>
    public List<EpochRecord> History { get; init; } = [];

    /// <summary>The best of the epochs that are done; null before the first is.</summary>
    public EpochRecord? Best() => BestOf(History);

    /// <summary>The epoch whose network is kept, and which every output names: that of the highest validation accuracy, with votes of the highest sum of
    /// it and the agreement, the earlier of equals. Null where there is none.</summary>
    public static EpochRecord? BestOf(IEnumerable<EpochRecord> history) => history.MaxBy(record => record.ValidationAccuracy + (record.VoteAgreement ?? 0));

    /// <summary>Closes the epoch in progress.</summary>
    /// <param name="record">What it measured.</param>
    public void NextEpoch(EpochRecord record)
    {
        History.Add(record);
        (Epoch, Batch, LossSum, Correct, Faces, Seconds) = (Epoch + 1, 0, 0, 0, 0, 0);
    }
}
