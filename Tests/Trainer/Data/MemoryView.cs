using MlNetEmotion.Trainer.Data;

namespace MlNetEmotion.Tests.Trainer.Data;

/// <summary>Faces that a test has made, and how often their pixels were asked for.</summary>
internal sealed class MemoryView(params (Emotion Label, byte[] Pixels)[] faces) : IDataView
{
    public int Decoded { get; private set; }

    public string Name => "memory";

    public DataSchema Schema => FaceColumns.Schema;

    public long? RowCount => faces.Length;

    public IReadOnlyList<string> Warnings => [];

    public IEnumerable<DataRow> Rows() => faces.Select((face, i) => FaceColumns.Row(
        i.ToString(), Split.Unspecified, () => face.Label, () =>
        {
            Decoded++;
            return face.Pixels;
        }));
}
