using MlNetEmotion.Trainer.Training;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Training;

public sealed class LearningRateScheduleTests
{
    [Theory]
    [InlineData(0, 0.5)] // 2 · 1/4
    [InlineData(2, 1.5)]
    [InlineData(3, 2)] // the warm-up's last step
    [InlineData(4, 2)] // the cosine's first
    [InlineData(8, 1)] // its middle
    [InlineData(11, 0.0761204675)] // 1 + cos(7π/8)
    [InlineData(12, 0)]
    [InlineData(100, 0)]
    public void At_AStep_IsAsComputedByHand(long step, double expected) =>
        Assert.Equal(expected, new LearningRateSchedule(Peak: 2, WarmupSteps: 4, TotalSteps: 12).At(step), 1e-9);

    [Fact]
    public void At_TheFirstStepWithoutWarmup_IsThePeak() =>
        Assert.Equal(2, new LearningRateSchedule(Peak: 2, WarmupSteps: 0, TotalSteps: 12).At(0));

    [Fact]
    public void At_ALongerWarmupThanTraining_OnlyRises() =>
        Assert.Equal(1, new LearningRateSchedule(Peak: 2, WarmupSteps: 10, TotalSteps: 5).At(4));
}
