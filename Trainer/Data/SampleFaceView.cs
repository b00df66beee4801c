using MlNetEmotion.Programs.Samples;

namespace MlNetEmotion.Trainer.Data;

/// <summary>The built-in generated faces, drawn when a row's pixels are asked for. The classes take turns.</summary>
/// <param name="trainCount">Faces to train on.</param>
/// <param name="validationCount">Faces held out, which follow those.</param>
/// <param name="seed">The same seed gives the same faces.</param>
public sealed class SampleFaceView(int trainCount, int validationCount, ulong seed) : IDataView
{
    /// <inheritdoc/>
    public string Name => $"sample faces of seed {seed}";

    /// <inheritdoc/>
    public DataSchema Schema => FaceColumns.Schema;

    /// <inheritdoc/>
    public long? RowCount => trainCount + validationCount;

    /// <inheritdoc/>
    public IReadOnlyList<string> Warnings => [];

    /// <inheritdoc/>
    public IEnumerable<DataRow> Rows() => Enumerable.Range(0, trainCount + validationCount).Select(index => FaceColumns.Row(
        $"sample face {index} of seed {seed}",
        index < trainCount ? Split.Train : Split.Validation,
        () => SampleFaces.LabelOf(index),
        () => SampleFaces.Draw(seed, index)));
}
