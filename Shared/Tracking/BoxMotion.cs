using MlNetEmotion.Imaging;

namespace MlNetEmotion.Tracking;

/// <summary>
/// How a box moves and grows: a Kalman filter each for its centre, width and height, whose noise is in proportion to the box
/// (the weights of ByteTrack, Y. Zhang et al., 2022; width and height as in BoT-SORT, N. Aharon et al., 2022). The noises are
/// independent, so that the filter of all eight states falls into four of two.
/// </summary>
internal struct BoxMotion
{
    private const double PositionNoise = 1.0 / 20;
    private const double VelocityNoise = 1.0 / 160;

    // What following a face's picture measures is steadier than a detector's boxes.
    private const double FollowedNoise = 1.0 / 60;

    private ConstantVelocity x;
    private ConstantVelocity y;
    private ConstantVelocity width;
    private ConstantVelocity height;

    /// <summary>Starts at rest.</summary>
    public BoxMotion(Box box)
    {
        double position = 2 * PositionNoise * box.Height;
        double velocity = 10 * VelocityNoise * box.Height;
        this.x = new ConstantVelocity(box.X + (box.Width / 2.0), position, velocity);
        this.y = new ConstantVelocity(box.Y + (box.Height / 2.0), position, velocity);
        this.width = new ConstantVelocity(box.Width, position, velocity);
        this.height = new ConstantVelocity(box.Height, position, velocity);
    }

    /// <summary>The box as it is believed to be; at least a pixel a side.</summary>
    public readonly Box Box
    {
        get
        {
            int width = (int)Math.Max(1, Math.Round(this.width.Position));
            int height = (int)Math.Max(1, Math.Round(this.height.Position));
            return new Box((int)Math.Round(this.x.Position - (width / 2.0)), (int)Math.Round(this.y.Position - (height / 2.0)), width, height);
        }
    }

    /// <summary>Goes on by a frame.</summary>
    public void Predict()
    {
        double position = PositionNoise * this.height.Position;
        double velocity = VelocityNoise * this.height.Position;
        this.x.Predict(position, velocity);
        this.y.Predict(position, velocity);
        this.width.Predict(position, velocity);
        this.height.Predict(position, velocity);
    }

    /// <summary>Takes a detector's box.</summary>
    public void Correct(Box detected)
    {
        double deviation = PositionNoise * this.height.Position;
        CorrectCentre(detected.X + (detected.Width / 2.0), detected.Y + (detected.Height / 2.0), deviation);
        this.width.Correct(detected.Width, deviation);
        this.height.Correct(detected.Height, deviation);
    }

    /// <summary>Takes the centre where the face's picture was found again.</summary>
    public void Follow(double x, double y) => CorrectCentre(x, y, FollowedNoise * this.height.Position);

    private void CorrectCentre(double x, double y, double deviation)
    {
        this.x.Correct(x, deviation);
        this.y.Correct(y, deviation);
    }
}

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
