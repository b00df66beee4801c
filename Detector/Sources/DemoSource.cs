using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Programs.Samples;

namespace MlNetEmotion.Detector.Sources;

/// <summary>An endless clip of three generated people, each of whom cycles through the seven emotions. Shows the program without a camera; the frames are
/// the same on every machine.</summary>
internal sealed class DemoSource : IFrameSource
{
    internal const int Width = PersonCount * PersonWidth;
    internal const int Height = 400;

    /// <summary>Frames until the clip starts again.</summary>
    internal const int CycleFrames = Emotions.Count * FramesPerEmotion;

    private const int PersonCount = 3;
    private const int PersonWidth = 240;
    private const int FramesPerEmotion = 30;
    private const int MorphFrames = 8;

    // The face, and the larger part around it that moves with an expression: only that part is redrawn.
    private static readonly Box FaceBox = new(48, 140, 144, 144);
    private static readonly Box Moving = new(36, 128, 168, 184);

    private static readonly FaceParameters[] People =
    [
        FaceParameters.Average with { Appearance = new() { Hair = HairStyle.Long, HairTone = 0.25, SkinTone = 0.7, LipThickness = 1.2, BrowThickness = 0.75 } },
        FaceParameters.Average with { Appearance = new() { HairTone = 0.06, SkinTone = 0.55, Glasses = 0.3, BrowThickness = 1.1 } },
        FaceParameters.Average with { Appearance = new() { Hair = HairStyle.Curly, HairTone = 0.12, SkinTone = 0.6, Age = 0.6, HeadWidth = 1.04 } },
    ];

    private readonly Dictionary<(int Person, int Step), byte[]> drawn = [];
    private readonly Mat gray = OpenCvLibrary.CreateMat();
    private long framesRead;

    public DemoSource()
    {
        gray.Create(Height, Width, MatType.CV_8UC1);
        Parallel.For(0, PersonCount, person =>
            Paste(FaceRenderer.Render(People[person], PersonWidth, Height, FaceBox), new Box(person * PersonWidth, 0, PersonWidth, Height)));
    }

    public string Name => "demo";
    public double FramesPerSecond => 25;
    public bool IsLive => false;

    public bool Read(Frame frame, out TimeSpan timestamp)
    {
        for (int person = 0; person < PersonCount; person++)
        {
            Paste(Face(person, StepAt(person, framesRead)), Moving with { X = Moving.X + (person * PersonWidth) });
        }

        Cv2.CvtColor(gray, frame.Mat, ColorConversionCodes.GRAY2BGR);
        timestamp = TimeSpan.FromSeconds(framesRead / FramesPerSecond);
        framesRead++;
        return true;
    }

    public void Dispose() => gray.Dispose();

    // Each person starts with a different emotion and changes at a different time.
    private static int StepAt(int person, long frame)
    {
        long moment = frame + (person * ((2 * FramesPerEmotion) + (FramesPerEmotion / PersonCount)));
        int morphed = (int)Math.Min(moment % FramesPerEmotion, MorphFrames - 1);
        return (int)(moment / FramesPerEmotion % Emotions.Count * MorphFrames) + morphed;
    }

    private byte[] Face(int person, int step)
    {
        if (!drawn.TryGetValue((person, step), out byte[]? face))
        {
            var emotion = (Emotion)(step / MorphFrames);
            var before = (Emotion)(((int)emotion + Emotions.Count - 1) % Emotions.Count);
            double progress = (step % MorphFrames + 1.0) / MorphFrames;
            double eased = progress * progress * (3 - (2 * progress));
            Expression expression = Expression.Lerp(Acted(before), Acted(emotion), eased);
            var box = new Box(FaceBox.X - Moving.X, FaceBox.Y - Moving.Y, FaceBox.Width, FaceBox.Height);
            face = FaceRenderer.Render(People[person] with { Expression = expression }, Moving.Width, Moving.Height, box);
            drawn.Add((person, step), face);
        }

        return face;
    }

    // Some textbook expressions are hard to read in a drawing: a scowl looks neutral, sadness tired, fear surprised. These are acted more strongly.
    private static Expression Acted(Emotion emotion) => emotion switch
    {
        Emotion.Angry => new()
        {
            BrowLower = 1, UpperLidRaise = 0.9, LidTighten = 0.5, NoseWrinkle = 0.6, LipPress = 0.9, LipCornerDepress = 0.7, ChinRaise = 0.5,
        },
        Emotion.Fear => new()
        {
            InnerBrowRaise = 1, OuterBrowRaise = 0.1, BrowLower = 0.9, UpperLidRaise = 1, LipStretch = 1, LipsPart = 0.7, JawDrop = 0.35, LowerLipDepress = 0.4,
        },
        Emotion.Happy => Expression.Typical(emotion, intensity: 1),
        Emotion.Sad => new()
        {
            InnerBrowRaise = 1, BrowLower = 0.7, LipCornerDepress = 0.9, ChinRaise = 0.7, CheekRaise = 0.2, EyesClosed = 0.25, GazeY = 0.4,
        },
        _ => Expression.Typical(emotion),
    };

    private void Paste(byte[] part, Box where)
    {
        using Mat pixels = Mat.FromPixelData(where.Height, where.Width, MatType.CV_8UC1, part);
        using Mat target = gray[where.ToRect()];
        pixels.CopyTo(target);
    }
}
