using System.Globalization;
using MlNetEmotion.Tests.Shared;
using MlNetEmotion.Trainer.Data;

namespace MlNetEmotion.Tests.Trainer.Export;

/// <summary>OpenCV's DNN module, which reads files of a fixed batch size.</summary>
internal static class OpenCvDnn
{
    /// <summary>The network's outputs, computed one face at a time: float32 [n, 7]. Skips the test if no Python has OpenCV.</summary>
    public static async Task<float[]> Answers(string path, FaceDataset faces)
    {
        using var pixels = new TemporaryFile(faces.Pixels.Span);
        string output = await Python.Run("cv2", """
            import cv2, numpy, sys
            net = cv2.dnn.readNetFromONNX(sys.argv[1])
            for face in numpy.fromfile(sys.argv[2], dtype=numpy.uint8).astype(numpy.float32).reshape(-1, 1, 1, 48, 48):
                net.setInput(face)
                print(*net.forward()[0])
            """, path, pixels.Path);
        return [.. output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(p => float.Parse(p, CultureInfo.InvariantCulture))];
    }
}
