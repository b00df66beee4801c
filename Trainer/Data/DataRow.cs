namespace MlNetEmotion.Trainer.Data;

/// <summary>
/// A row of a data view. A value is computed each time it is asked for, and only then: whoever wants labels decodes no
/// image. Immutable and thread-safe; it stays valid after its view's enumeration has moved on.
/// </summary>
public sealed class DataRow
{
    private readonly DataSchema schema;
    private readonly Delegate[] values;

    /// <summary>Makes a row.</summary>
    /// <param name="schema">The columns.</param>
    /// <param name="values">A <see cref="Func{TResult}"/> of the column's type for each column, in the schema's order.</param>
    internal DataRow(DataSchema schema, params Delegate[] values)
    {
        this.schema = schema;
        this.values = values;
    }

    /// <summary>Computes a value.</summary>
    /// <typeparam name="T">The column's type.</typeparam>
    /// <param name="column">A column of the view's schema.</param>
    /// <exception cref="InvalidDataException">What the row stands for cannot be read; the message says why.</exception>
    /// <exception cref="IOException">Likewise, and the file system is the reason.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise, and permissions are the reason.</exception>
    public T Get<T>(DataColumn<T> column) => ((Func<T>)values[schema.IndexOf(column)])();
}
