namespace MlNetEmotion.Tracking;

/// <summary>
/// A Kalman filter (R. Kalman: A new approach to linear filtering and prediction problems, 1960) of one coordinate that moves at a
/// nearly constant velocity, one step a frame. The state is [position, velocity], the measurement the position.
/// </summary>
internal struct ConstantVelocity
{
    private double _positionVariance;
    private double _covariance;
    private double _velocityVariance;

    /// <summary>Starts at rest.</summary>
    /// <param name="position">The first measurement.</param>
    /// <param name="positionDeviation">Its standard deviation.</param>
    /// <param name="velocityDeviation">The velocity's, which is not known yet.</param>
    public ConstantVelocity(double position, double positionDeviation, double velocityDeviation)
    {
        Position = position;
        _positionVariance = positionDeviation * positionDeviation;
        _velocityVariance = velocityDeviation * velocityDeviation;
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
        _positionVariance += (2 * _covariance) + _velocityVariance + (positionDeviation * positionDeviation);
        _covariance += _velocityVariance;
        _velocityVariance += velocityDeviation * velocityDeviation;
    }

    /// <summary>Takes a measurement of the position.</summary>
    /// <param name="measured">The measurement.</param>
    /// <param name="deviation">Its standard deviation.</param>
    public void Correct(double measured, double deviation)
    {
        double innovation = measured - Position;
        double innovationVariance = _positionVariance + (deviation * deviation);
        double positionGain = _positionVariance / innovationVariance;
        double velocityGain = _covariance / innovationVariance;
        Position += positionGain * innovation;
        Velocity += velocityGain * innovation;
        _velocityVariance -= velocityGain * _covariance;
        _covariance -= positionGain * _covariance;
        _positionVariance -= positionGain * _positionVariance;
    }
}
