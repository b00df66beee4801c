using MlNetEmotion.Detector.Pipeline;

namespace MlNetEmotion.Detector.Output;

/// <summary>How a face becomes a line of text.</summary>
internal interface IEventFormat
{
    /// <summary>The file's first line; null for none.</summary>
    string? Header { get; }

    /// <summary>The line of a face, without its end.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="face">A face in it.</param>
    string Line(FrameResult frame, FaceResult face);
}
