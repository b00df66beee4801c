using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Display;

/// <summary>Blurs detected and suspected faces beyond recognition. A lost face stays blurred for a second, at its last and at its predicted place. A face is
/// visible until its first detection.</summary>
internal sealed class FaceBlur : IFrameSink, IDisposable
{
    // A face is reduced to 6x6 colours. Recognition needs at least four times as many in each direction.
    private const int Cells = 6;

    private static readonly TimeSpan HoldTime = TimeSpan.FromSeconds(1);

    private readonly Mat means = OpenCvLibrary.CreateMat();
    private readonly Dictionary<int, (Box Box, TimeSpan LastSeen)> faces = [];

    public void Write(Frame frame, FrameResult result)
    {
        foreach (FaceResult face in result.Faces)
        {
            faces[face.TrackId] = (face.Box, result.Timestamp);
        }

        foreach (Box suspected in result.Suspected ?? [])
        {
            Blur(frame, frame.Clip(Head(suspected)));
        }

        foreach ((int id, (Box box, TimeSpan lastSeen)) in faces)
        {
            if (result.Timestamp - lastSeen > HoldTime)
            {
                faces.Remove(id);
            }
            else
            {
                Blur(frame, frame.Clip(Head(box)));
            }
        }
    }

    public void Dispose() => means.Dispose();

    // Downsamples a part to its mean colours and interpolates between them.
    private void Blur(Frame frame, Box part)
    {
        if (part.Width > 0 && part.Height > 0)
        {
            using Mat head = frame.Mat[part.ToRect()];
            Cv2.Resize(head, means, new Size(Cells, Cells), interpolation: InterpolationFlags.Area);
            Cv2.Resize(means, head, head.Size(), interpolation: InterpolationFlags.Linear);    // into the frame
        }
    }

    // Detectors' boxes reach from brow to chin; ears, hair and beard also identify people.
    private static Box Head(Box face)
    {
        (int side, int above, int below) = (face.Width / 5, face.Height * 2 / 5, face.Height / 5);
        return new Box(face.X - side, face.Y - above, face.Width + (2 * side), face.Height + above + below);
    }
}
