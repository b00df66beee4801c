using System.Buffers;
using MlNetEmotion.Detector.Pipeline;

namespace MlNetEmotion.Detector.Output;

/// <summary>How a face becomes a line of text.</summary>
internal interface IEventFormat : IDisposable
{
    /// <summary>The file's first line; null for none.</summary>
    string? Header { get; }

    /// <summary>Writes the line of a face, without its end, as UTF-8.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="face">A face in it.</param>
    /// <param name="line">Receives it.</param>
    void Write(FrameResult frame, FaceResult face, IBufferWriter<byte> line);
}
