namespace MlNetEmotion.Trainer.Data;

/// <summary>Views made of views. None reads a row before it is enumerated.</summary>
public static class DataViewExtensions
{
    /// <summary>The rows whose value in a column passes a test.</summary>
    /// <typeparam name="T">The column's type.</typeparam>
    /// <param name="view">The rows to choose from.</param>
    /// <param name="column">The only column that is evaluated.</param>
    /// <param name="predicate">The test.</param>
    /// <remarks>A row whose value can't be read stays in, so that whoever reads it on counts it.</remarks>
    public static IDataView Where<T>(this IDataView view, DataColumn<T> column, Func<T, bool> predicate)
    {
        view.Schema.IndexOf(column);
        return new DerivedView(view, null, rows => rows.Where(row => Passes(row, column, predicate)));
    }

    /// <summary>The first rows.</summary>
    /// <param name="view">The rows to choose from.</param>
    /// <param name="count">How many at most.</param>
    public static IDataView Take(this IDataView view, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        long? rowCount = view.RowCount is { } all ? Math.Min(all, count) : null;
        return new DerivedView(view, rowCount, rows => rows.Take(count));
    }

    private static bool Passes<T>(DataRow row, DataColumn<T> column, Func<T, bool> predicate)
    {
        T value;
        try
        {
            value = row.Get(column);
        }
        catch (InvalidDataException)
        {
            return true;
        }

        return predicate(value);
    }

    private sealed class DerivedView(IDataView inner, long? rowCount, Func<IEnumerable<DataRow>, IEnumerable<DataRow>> derive) : IDataView
    {
        public string Name => inner.Name;

        public DataSchema Schema => inner.Schema;

        public long? RowCount => rowCount;

        public IReadOnlyList<string> Warnings => inner.Warnings;

        public IEnumerable<DataRow> Rows() => derive(inner.Rows());
    }
}
