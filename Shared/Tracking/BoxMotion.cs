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
    /// <param name="box">The first box.</param>
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
    /// <param name="detected">The box.</param>
    public void Correct(Box detected)
    {
        double deviation = PositionNoise * this.height.Position;
        CorrectCentre(detected.X + (detected.Width / 2.0), detected.Y + (detected.Height / 2.0), deviation);
        this.width.Correct(detected.Width, deviation);
        this.height.Correct(detected.Height, deviation);
    }

    /// <summary>Takes the centre where the face's picture was found again.</summary>
    /// <param name="x">Pixels from the left.</param>
    /// <param name="y">Pixels from the top.</param>
    public void Follow(double x, double y) => CorrectCentre(x, y, FollowedNoise * this.height.Position);

    private void CorrectCentre(double x, double y, double deviation)
    {
        this.x.Correct(x, deviation);
        this.y.Correct(y, deviation);
    }
}
