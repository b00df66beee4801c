namespace MlNetEmotion.Tracking;

/// <summary>
/// The motion model of a box: Kalman filters of its centre, width and height, with noise in proportion to the box (the weights of ByteTrack,
/// Y. Zhang et al., 2022; width and height as in BoT-SORT, N. Aharon et al., 2022). The noises are independent, so the filter of eight states
/// separates into four filters of two.
/// </summary>
internal struct BoxMotion(Box box)
{
    private const double PositionNoise = 1.0 / 20;
    private const double VelocityNoise = 1.0 / 160;

    // Positions from template tracking are less noisy than a detector's boxes.
    private const double FollowedNoise = 1.0 / 60;

    private ConstantVelocity x = AtRest(box.X + (box.Width / 2.0), box);
    private ConstantVelocity y = AtRest(box.Y + (box.Height / 2.0), box);
    private ConstantVelocity width = AtRest(box.Width, box);
    private ConstantVelocity height = AtRest(box.Height, box);

    /// <summary>The estimated box; each side at least one pixel.</summary>
    public readonly Box Box
    {
        get
        {
            int width = (int)Math.Max(1, Math.Round(this.width.Position));
            int height = (int)Math.Max(1, Math.Round(this.height.Position));
            double left = x.Position - (width / 2.0), top = y.Position - (height / 2.0);
            return new Box((int)Math.Round(left), (int)Math.Round(top), width, height);
        }
    }

    /// <summary>Predicts the box in the next frame.</summary>
    public void Predict()
    {
        double position = PositionNoise * height.Position;
        double velocity = VelocityNoise * height.Position;
        x.Predict(position, velocity);
        y.Predict(position, velocity);
        width.Predict(position, velocity);
        height.Predict(position, velocity);
    }

    /// <summary>Corrects the estimate by a detector's box.</summary>
    public void Correct(Box detected)
    {
        double deviation = PositionNoise * height.Position;
        x.Correct(detected.X + (detected.Width / 2.0), deviation);
        y.Correct(detected.Y + (detected.Height / 2.0), deviation);
        width.Correct(detected.Width, deviation);
        height.Correct(detected.Height, deviation);
    }

    /// <summary>Corrects the estimate by a centre from template tracking.</summary>
    public void Follow(double centreX, double centreY)
    {
        x.Correct(centreX, FollowedNoise * height.Position);
        y.Correct(centreY, FollowedNoise * height.Position);
    }

    private static ConstantVelocity AtRest(double position, Box box) =>
        new(position, 2 * PositionNoise * box.Height, 10 * VelocityNoise * box.Height);
}

/// <summary>
/// A Kalman filter (R. Kalman: A new approach to linear filtering and prediction problems, 1960) of one coordinate with nearly constant
/// velocity, initially zero, one step per frame. The state is [position, velocity], the measurement is the position; deviations are
/// standard deviations.
/// </summary>
internal struct ConstantVelocity(double position, double positionDeviation, double velocityDeviation)
{
    private double positionVariance = positionDeviation * positionDeviation;
    private double covariance;
    private double velocityVariance = velocityDeviation * velocityDeviation;

    /// <summary>The estimated position in pixels.</summary>
    public double Position { get; private set; } = position;

    /// <summary>The estimated velocity in pixels per frame.</summary>
    public double Velocity { get; private set; }

    /// <summary>Predicts the next frame, with process noise of the position and the velocity.</summary>
    public void Predict(double positionNoise, double velocityNoise)
    {
        Position += Velocity;
        positionVariance += (2 * covariance) + velocityVariance + (positionNoise * positionNoise);
        covariance += velocityVariance;
        velocityVariance += velocityNoise * velocityNoise;
    }

    /// <summary>Corrects the state by a measured position.</summary>
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
