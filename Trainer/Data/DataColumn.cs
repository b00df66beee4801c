namespace MlNetEmotion.Trainer.Data;

/// <summary>A named, typed column of a data view.</summary>
public abstract class DataColumn
{
    private protected DataColumn(string name, Type type, string description)
    {
        Name = name;
        Type = type;
        Description = description;
    }

    /// <summary>The column's name, unique in its schema.</summary>
    public string Name { get; }

    /// <summary>The type of its values.</summary>
    public Type Type { get; }

    /// <summary>What a value is: element type, shape, range.</summary>
    public string Description { get; }

    /// <summary>Name and type.</summary>
    public override string ToString() => $"{Name}: {Type.Name}";
}

/// <summary>A column whose values are <typeparamref name="T"/>; also the key that reads it from a row.</summary>
/// <typeparam name="T">The type of its values.</typeparam>
public sealed class DataColumn<T> : DataColumn
{
    /// <summary>Defines a column.</summary>
    /// <param name="name">Unique in its schema.</param>
    /// <param name="description">What a value is: element type, shape, range.</param>
    public DataColumn(string name, string description)
        : base(name, typeof(T), description)
    {
    }
}
