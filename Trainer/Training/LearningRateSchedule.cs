namespace MlNetEmotion.Trainer.Training;

/// <summary>Linear warm-up followed by cosine decay to zero (Loshchilov and Hutter 2017, https://arxiv.org/abs/1608.03983).</summary>
internal sealed record LearningRateSchedule(double Peak, long WarmupSteps, long TotalSteps)
{
    /// <summary>Returns the learning rate of a step, counted from 0.</summary>
    public double At(long step)
    {
        if (step < WarmupSteps)
        {
            return Peak * (step + 1) / WarmupSteps;
        }

        double progress = (double)(step - WarmupSteps) / Math.Max(1, TotalSteps - WarmupSteps);
        return Peak * 0.5 * (1 + Math.Cos(Math.PI * Math.Min(1, progress)));
    }
}
