namespace MlNetEmotion.Detector.Frames;

/// <summary>The reason why a face is uncertain. The first that applies, in this order.</summary>
internal enum FaceDoubt
{
    Small,
    Dark,
    Blurred,
    TurnedAway,

    /// <summary>A part of the face lies outside the image.</summary>
    CutOff,

    /// <summary>Nothing of these: the emotions' probabilities are close to each other.</summary>
    NoClearExpression,
}

/// <summary>The limits beyond which a face is small, dark, blurred, turned away or cut off.</summary>
internal sealed record DoubtOptions
{
    [Setting("Call an uncertain face small if its side has fewer pixels than this.", Name = "--small-below", Value = "PIXELS", Min = 0)] public int SmallBelow { get; init; } = 24;
    [Setting("Call it dark if its mean gray value, from 0 to 1, is below this.", Name = "--dark-below", Value = "LIGHT", Min = 0, Max = 1)] public double DarkBelow { get; init; } = 0.03;
    [Setting("Call it blurred if its sharpness is below this.", Name = "--blurred-below", Value = "SHARPNESS", Min = 0, Max = 10)] public double BlurredBelow { get; init; } = 0.15;
    [Setting("Call it turned away if its yaw or pitch is beyond this.", Name = "--turned-beyond", Value = "DEGREES", Min = 0, Max = 90)] public double TurnedBeyond { get; init; } = 45;
    [Setting("Call it cut off if more than this share of its box lies outside the image.", Name = "--cut-off-beyond", Value = "SHARE", Min = 0, Max = 1)] public double CutOffBeyond { get; init; } = 0.25;
    [Setting("Show every face beyond these limits as uncertain, whatever its probabilities.", Name = "--reject-poor")] public bool RejectPoor { get; init; }

    /// <summary>Returns the first limit that a face is beyond; null if there is none.</summary>
    public FaceDoubt? Of(in FaceResult face) =>
        face.Quality is { } quality && Of(quality) is { } doubt ? doubt
        : face.Pose is { } pose && Math.Max(Math.Abs(pose.Yaw), Math.Abs(pose.Pitch)) > TurnedBeyond ? FaceDoubt.TurnedAway
        : face.CutOff > CutOffBeyond ? FaceDoubt.CutOff
        : null;

    private FaceDoubt? Of(FaceQuality quality) =>
        quality.SidePixels < SmallBelow ? FaceDoubt.Small : quality.Light < DarkBelow ? FaceDoubt.Dark : quality.Sharpness < BlurredBelow ? FaceDoubt.Blurred : null;
}
