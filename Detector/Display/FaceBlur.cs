using MlNetEmotion.Detector.Pipeline;
using MlNetEmotion.Imaging;
using MlNetEmotion.Native.OpenCv;

namespace MlNetEmotion.Detector.Display;

/// <summary>
/// Makes faces unrecognizable. A face that the detector loses stays hidden where it was for a while; one that it never found
/// is not hidden.
/// </summary>
internal sealed class FaceBlur
{
    // What is left of a face: 6x6 colours. Recognition needs at least four times as many across.
    private const int Cells = 6;

    private static readonly TimeSpan Afterwards = TimeSpan.FromSeconds(1);

    private readonly Dictionary<int, (Box Box, TimeSpan LastSeen)> faces = [];

    /// <summary>Blurs all faces in a frame.</summary>
    /// <param name="frame">Drawn on.</param>
    /// <param name="found">The faces found in it.</param>
    /// <param name="timestamp">The frame's time.</param>
    public void Apply(Mat frame, List<FaceResult> found, TimeSpan timestamp)
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
                Drawing.Blur(frame, Head(box), Cells);
            }
        }
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
