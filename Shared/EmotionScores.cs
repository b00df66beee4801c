using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MlNetEmotion;

/// <summary>
/// The probabilities of the seven emotions, which add up to 1. A struct of 28 bytes, so an array of scores is one block of memory.
/// <c>default</c> is not a valid result: all probabilities are 0. Serialized to JSON as an object with the seven names.
/// </summary>
[JsonConverter(typeof(EmotionScoresJsonConverter))]
public readonly struct EmotionScores : IEquatable<EmotionScores>
{
    // The rounding error of a float32 softmax over seven classes is far smaller.
    private const float SumTolerance = 1e-3f;

    private readonly Values probabilities;

    /// <summary>Copies a model's output.</summary>
    /// <param name="probabilities">float32 [7], in the order of <see cref="Emotion"/>, each in [0, 1], with the sum 1.</param>
    /// <exception cref="ArgumentException">They are not seven, not in [0, 1], or do not add up to 1 (within 0.001).</exception>
    public EmotionScores(ReadOnlySpan<float> probabilities)
    {
        if (probabilities.Length != Emotions.Count)
        {
            throw new ArgumentException($"{Emotions.Count} probabilities are needed, got {probabilities.Length}", nameof(probabilities));
        }

        float sum = 0;
        for (int i = 0; i < Emotions.Count; i++)
        {
            if (probabilities[i] is not (>= 0 and <= 1))
            {
                throw new ArgumentException($"the probability of {(Emotion)i} is {probabilities[i]}, expected 0 to 1", nameof(probabilities));
            }

            sum += probabilities[i];
            this.probabilities[i] = probabilities[i];
        }

        if (Math.Abs(sum - 1) > SumTolerance)
        {
            throw new ArgumentException($"the probabilities add up to {sum}, expected 1", nameof(probabilities));
        }
    }

    /// <summary>The uniform distribution, for a crop without content, such as a uniform gray: no emotion is more probable than another.</summary>
    public static EmotionScores Uncertain { get; } = new(Enumerable.Repeat(1f / Emotions.Count, Emotions.Count).ToArray());

    /// <summary>The most probable emotion; the first of equally probable ones, even if all seven are equal (see <see cref="TopOrUncertain"/>).</summary>
    public Emotion Top
    {
        get
        {
            int top = 0;
            for (int i = 1; i < Emotions.Count; i++)
            {
                top = probabilities[i] > probabilities[top] ? i : top;
            }

            return (Emotion)top;
        }
    }

    /// <summary>The probability of <see cref="Top"/>, in [0, 1].</summary>
    public float Confidence => this[Top];

    /// <summary>
    /// The most probable emotion; null for "uncertain" if its probability is below a threshold or all seven are equal. The model card
    /// has a table of accuracy and coverage by threshold.
    /// </summary>
    /// <param name="minConfidence">The threshold, in [0, 1].</param>
    /// <exception cref="ArgumentOutOfRangeException">The threshold is not in [0, 1].</exception>
    public Emotion? TopOrUncertain(float minConfidence)
    {
        if (minConfidence is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(minConfidence), minConfidence, "expected 0 to 1");
        }

        return HasTop && Confidence >= minConfidence ? Top : null;
    }

    /// <summary>Whether any emotion is more probable than another.</summary>
    internal bool HasTop => ((ReadOnlySpan<float>)probabilities).ContainsAnyExcept(probabilities[0]);

    /// <summary>An emotion's probability, in [0, 1].</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not one of the seven emotions.</exception>
    public float this[Emotion emotion] => (uint)emotion < Emotions.Count
        ? probabilities[(int)emotion]
        : throw new ArgumentOutOfRangeException(nameof(emotion), emotion, "not an emotion");

    /// <summary>Whether all probabilities are equal.</summary>
    public static bool operator ==(EmotionScores left, EmotionScores right) => left.Equals(right);

    /// <summary>Whether any probability differs.</summary>
    public static bool operator !=(EmotionScores left, EmotionScores right) => !left.Equals(right);

    /// <summary>Copies the probabilities to a span.</summary>
    /// <param name="probabilities">Receives float32 [7], in the order of <see cref="Emotion"/>.</param>
    /// <exception cref="ArgumentException">The span is shorter than seven.</exception>
    public void CopyTo(Span<float> probabilities) => ((ReadOnlySpan<float>)this.probabilities).CopyTo(probabilities);

    /// <inheritdoc/>
    public bool Equals(EmotionScores other) => ((ReadOnlySpan<float>)probabilities).SequenceEqual(other.probabilities);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is EmotionScores other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(probabilities[0], probabilities[3], probabilities[4], probabilities[6]);

    /// <summary>The most probable emotion and its probability, for example <c>Happy 93 %</c>; or <c>Uncertain</c>.</summary>
    public override string ToString() => !HasTop ? nameof(Uncertain) : string.Create(CultureInfo.InvariantCulture, $"{Top} {100 * Confidence:0} %");

    [InlineArray(Emotions.Count)]
    private struct Values
    {
        private float first;
    }
}

/// <summary>Reads and writes <see cref="EmotionScores"/> as a JSON object of the seven probabilities by name.</summary>
public sealed class EmotionScoresJsonConverter : JsonConverter<EmotionScores>
{
    /// <inheritdoc/>
    public override EmotionScores Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        Span<float> probabilities = stackalloc float[Emotions.Count];
        probabilities.Fill(float.NaN);
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException($"emotion scores are a JSON object of {string.Join(", ", Emotions.Labels)}, found {reader.TokenType}");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            probabilities[Emotions.TryParse(name, out Emotion emotion) ? (int)emotion : throw new JsonException($"'{name}' is not an emotion")] = reader.GetSingle();
        }

        try
        {
            return new EmotionScores(probabilities);
        }
        catch (ArgumentException e)
        {
            throw new JsonException(e.Message, e);
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, EmotionScores value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        for (int i = 0; i < Emotions.Count; i++)
        {
            writer.WriteNumber(Emotions.Labels[i], value[(Emotion)i]);
        }

        writer.WriteEndObject();
    }
}
