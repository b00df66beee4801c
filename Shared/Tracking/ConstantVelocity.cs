namespace MlNetEmotion.Tracking;

/// <summary>
/// A Kalman filter (R. Kalman: A new approach to linear filtering and prediction problems, 1960) of one coordinate that moves at a
/// nearly constant velocity, one step a frame. The state is [position, velocity], the measurement the position.
/// </summary>
internal struct ConstantVelocity
{
    private double positionVariance;
    private double covariance;
    private double velocityVariance;

    /// <summary>Starts at rest.</summary>
    /// <param name="position">The first measurement.</param>
    /// <param name="positionDeviation">Its standard deviation.</param>
    /// <param name="velocityDeviation">The velocity's, which is not known yet.</param>
    public ConstantVelocity(double position, double positionDeviation, double velocityDeviation)
    {
        Position = position;
        positionVariance = positionDeviation * positionDeviation;
        velocityVariance = velocityDeviation * velocityDeviation;
    }

    /// <summary>Where it is, in pixels.</summary>
    public double Position { get; private set; }

    /// <summary>How far it moves a frame, in pixels.</summary>
    public double Velocity { get; private set; }

    /// <summary>Goes on by a frame.</summary>
    /// <param name="positionDeviation">How far the position strays within a frame, as a standard deviation.</param>
    /// <param name="velocityDeviation">How far the velocity does.</param>
    public void Predict(double positionDeviation, double velocityDeviation)
    {
        Position += Velocity;
        positionVariance += (2 * covariance) + velocityVariance + (positionDeviation * positionDeviation);
        covariance += velocityVariance;
        velocityVariance += velocityDeviation * velocityDeviation;
    }

    /// <summary>Takes a measurement of the position.</summary>
    /// <param name="measured">The measurement.</param>
    /// <param name="deviation">Its standard deviation.</param>
    public void Correct(double measured, double deviation)
    {
        double innovation = measured - Position;
        double innovationVariance = positionVariance + (deviation * deviation);
        double positionGain = positionVariance / innovationVariance;
        double velocityGain = covariance / innovationVariance;
        Position += positionGain * innovation;
        Velocity += velocityGain * innovation;
        velocityVariance -= velocityGain * covariance;
        covariance -= positionGain * covariance;
        positionVariance -= positionGain * positionVariance;
    }
}
