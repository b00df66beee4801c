using MlNetEmotion.Tracking;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Tracking;

public sealed class ConstantVelocityTests
{
    [Fact]
    public void Correct_AfterAPredictionWithoutNoise_IsTheKalmanFiltersByHand()
    {
        // P = [[1, 0], [0, 1]] becomes F P Fᵀ = [[2, 1], [1, 1]]; with R = 1 the gains are 2/3 and 1/3, and P = [[2/3, 1/3], [1/3, 2/3]].
        var filter = new ConstantVelocity(0, positionDeviation: 1, velocityDeviation: 1);
        filter.Predict(0, 0);
        filter.Correct(3, deviation: 1);
        Assert.Equal(2, filter.Position, 1e-12);
        Assert.Equal(1, filter.Velocity, 1e-12);

        // P = [[2, 1], [1, 2/3]], so the gains are 2/3 and 1/3 again; 3 was predicted.
        filter.Predict(0, 0);
        filter.Correct(6, deviation: 1);
        Assert.Equal(5, filter.Position, 1e-12);
        Assert.Equal(2, filter.Velocity, 1e-12);
    }

    [Fact]
    public void Predict_SteadyMotion_GoesOnWithIt()
    {
        var filter = new ConstantVelocity(0, 1, 1);
        for (int frame = 1; frame <= 200; frame++)
        {
            filter.Predict(0.1, 0.1);
            filter.Correct(7 * frame, 1);
        }

        filter.Predict(0.1, 0.1);

        Assert.Equal(7 * 201, filter.Position, 1e-6); // the filter's error shrinks by a part each frame: nothing of it is left
    }
}
