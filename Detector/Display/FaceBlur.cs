using MlNetEmotion.Imaging;
using OpenCvSharp;
using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Display;

/// <summary>
/// Makes faces unrecognizable. A face that the detector loses stays hidden where it was for a while; one that it never found
/// is not hidden.
/// </summary>
internal sealed class FaceBlur : IFrameSink, IDisposable
{
    // What is left of a face: 6x6 colours. Recognition needs at least four times as many across.
    private const int Cells = 6;

    private static readonly TimeSpan Afterwards = TimeSpan.FromSeconds(1);

    private readonly Frame means = new();
    private readonly Frame head = new();
    private readonly Dictionary<int, (Box Box, TimeSpan LastSeen)> faces = [];

    public bool Write(Frame frame, FrameResult result)
    {
        Apply(frame, result.Faces, result.Timestamp);
        return true;
    }

    /// <summary>Blurs all faces in a frame.</summary>
    public void Apply(Frame frame, List<FaceResult> found, TimeSpan timestamp)
    {
        foreach (FaceResult face in found)
        {
            faces[face.TrackId] = (face.Box, timestamp);
        }

        foreach ((int id, (Box box, TimeSpan lastSeen)) in faces)
        {
            if (timestamp - lastSeen > Afterwards)
            {
                faces.Remove(id);
            }
            else
            {
                Blur(frame, frame.Clip(Head(box)));
            }
        }
    }

    public void Dispose()
    {
        means.Dispose();
        head.Dispose();
    }

    // The mean colours of a few parts, blended into one another.
    private void Blur(Frame frame, Box part)
    {
        if (part.Width == 0 || part.Height == 0)
        {
            return;
        }

        head.CopyFrom(frame.Part(part));
        head.ResizeTo(means, Cells, Cells, InterpolationFlags.Area);
        means.ResizeTo(head, part.Width, part.Height, InterpolationFlags.Linear);
        frame.Paste(head.View, part.X, part.Y);
    }

    // Detectors frame a face from brow to chin; ears, hair and beard tell people apart too.
    private static Box Head(Box face)
    {
        int side = face.Width / 5;
        int above = face.Height * 2 / 5;
        int below = face.Height / 5;
        return new Box(face.X - side, face.Y - above, face.Width + (2 * side), face.Height + above + below);
    }
}
