namespace MlNetEmotion.Trainer.Data;

/// <summary>
/// Rows with a schema, evaluated lazily: the role that ML.NET's <c>IDataView</c> plays. Opening a view reads no image,
/// views compose (<see cref="DataViewExtensions"/>), and <see cref="FaceDataset"/> materializes one.
/// </summary>
public interface IDataView
{
    /// <summary>Where the rows come from, for messages and model cards: a path.</summary>
    string Name { get; }

    /// <summary>The columns.</summary>
    DataSchema Schema { get; }

    /// <summary>How many rows <see cref="Rows"/> yields, or null where only reading them all would tell.</summary>
    long? RowCount { get; }

    /// <summary>What the source left out and why, a line each: never silently.</summary>
    IReadOnlyList<string> Warnings { get; }

    /// <summary>Yields the rows, in the same order each time.</summary>
    IEnumerable<DataRow> Rows();
}
