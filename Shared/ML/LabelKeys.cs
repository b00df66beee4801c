using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNetEmotion;

/// <summary>Checks that a label's key has the classes in the models' order. With another order, training and evaluation succeed with wrong metrics.</summary>
internal static class LabelKeys
{
    private const string KeyValues = "KeyValues";

    /// <summary>Checks the column <c>Label</c> and all other columns whose key values are emotions' names.</summary>
    /// <exception cref="ArgumentException">A key's values are not the emotions in their order, from the first on.</exception>
    public static void CheckForScoring(DataViewSchema schema)
    {
        foreach (DataViewSchema.Column column in schema.Where(column => !column.IsHidden && column.Name != "PredictedLabel" && Values(column) is not null))
        {
            string[] values = Values(column)!;
            bool areEmotions = values.Length > 0 && values.All(value => value.Length > 1 && Emotions.TryParse(value, out _));
            if ((column.Name == EmotionCatalog.LabelColumn || areEmotions) && !AreInOrder(values))
            {
                throw new ArgumentException(Wrong(column, values, "metrics with these keys would be wrong. Create the keys with ml.Transforms.MapEmotionToKey, or drop the column"), nameof(schema));
            }
        }
    }

    /// <summary>Checks that the column <c>Label</c>, if present, has all seven classes.</summary>
    /// <exception cref="ArgumentException">The key's values are not the seven emotions in their order.</exception>
    public static void CheckForTraining(DataViewSchema schema)
    {
        if (schema.GetColumnOrNull(EmotionCatalog.LabelColumn) is { } column && Values(column) is { } values && !(values.Length == Emotions.Count && AreInOrder(values)))
        {
            throw new ArgumentException(Wrong(column, values, "create the keys with ml.Transforms.MapEmotionToKey, or pass these classes to MapValueToKey as its key data"), nameof(schema));
        }
    }

    private static string Wrong(DataViewSchema.Column column, string[] values, string advice) =>
        $"column '{column.Name}' has the classes {string.Join(", ", values)}, expected {string.Join(", ", Emotions.Labels)}, "
        + $"by their names or as 0 to {Emotions.Count - 1}, in this order; {advice}";

    // Fewer than seven classes are fine if they are the first ones.
    private static bool AreInOrder(string[] values) =>
        values.Length <= Emotions.Count && values.Select((value, i) => Emotions.TryParse(value, out Emotion emotion) && (int)emotion == i).All(isRight => isRight);

    /// <summary>A key's values as text; null for a column that is not a key, or for a key without values, which numbers the classes from the first.</summary>
    private static string[]? Values(DataViewSchema.Column column)
    {
        if (column.Type is not KeyDataViewType || column.Annotations.Schema.GetColumnOrNull(KeyValues)?.Type is not VectorDataViewType { ItemType.RawType: var type })
        {
            return null;
        }

        return Type.GetTypeCode(type) switch
        {
            TypeCode.SByte => Read<sbyte>(),
            TypeCode.Byte => Read<byte>(),
            TypeCode.Int16 => Read<short>(),
            TypeCode.UInt16 => Read<ushort>(),
            TypeCode.Int32 => Read<int>(),
            TypeCode.UInt32 => Read<uint>(),
            TypeCode.Int64 => Read<long>(),
            TypeCode.UInt64 => Read<ulong>(),
            TypeCode.Single => Read<float>(),
            TypeCode.Double => Read<double>(),
            TypeCode.Boolean => Read<bool>(),
            _ when type == typeof(ReadOnlyMemory<char>) => Read<ReadOnlyMemory<char>>(),
            _ => [$"of type {type.Name}"],
        };

        string[] Read<T>()
        {
            VBuffer<T> values = default;
            column.Annotations.GetValue(KeyValues, ref values);
            return [.. values.DenseValues().Select(value => string.Create(CultureInfo.InvariantCulture, $"{value}"))];
        }
    }
}
