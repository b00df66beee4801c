using System.Collections;

namespace MlNetEmotion.Trainer.Data;

/// <summary>The columns of a data view, in order. Immutable.</summary>
public sealed class DataSchema : IReadOnlyList<DataColumn>
{
    private readonly DataColumn[] columns;

    /// <summary>Makes a schema of columns.</summary>
    /// <param name="columns">With different names.</param>
    /// <exception cref="ArgumentException">Two columns have one name.</exception>
    public DataSchema(params DataColumn[] columns)
    {
        if (columns.DistinctBy(column => column.Name).Count() != columns.Length)
        {
            throw new ArgumentException($"two columns have one name: {string.Join(", ", columns.AsEnumerable())}", nameof(columns));
        }

        this.columns = [.. columns];
    }

    /// <inheritdoc/>
    public int Count => columns.Length;

    /// <inheritdoc/>
    public DataColumn this[int index] => columns[index];

    /// <summary>A column's place.</summary>
    /// <param name="column">One of this schema's columns.</param>
    /// <exception cref="ArgumentException">The schema has no such column.</exception>
    public int IndexOf(DataColumn column)
    {
        int index = Array.IndexOf(columns, column);
        return index >= 0 ? index : throw new ArgumentException($"no column {column}, the view has {this}", nameof(column));
    }

    /// <inheritdoc/>
    public IEnumerator<DataColumn> GetEnumerator() => columns.AsEnumerable().GetEnumerator();

    /// <summary>Names and types.</summary>
    public override string ToString() => string.Join(", ", columns.AsEnumerable());

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
