using MlNetEmotion.Trainer.Data;

namespace MlNetEmotion.Tests.Trainer.Data;

/// <summary>Faces that a test has made.</summary>
internal static class MemoryFaces
{
    public static FaceDataView View(params (Emotion Label, byte[] Pixels)[] faces) => View(() => { }, faces);

    /// <summary>Tells each time that a face's pixels are asked for.</summary>
    public static FaceDataView View(Action decoding, params (Emotion Label, byte[] Pixels)[] faces) => new(
        "memory",
        [],
        () => faces.Select((face, i) => new FaceRow(i.ToString(), Split.Unspecified, () => face.Label, () =>
        {
            decoding();
            return face.Pixels;
        })),
        faces.Length);
}
