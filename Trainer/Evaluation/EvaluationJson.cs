using System.Text.Json.Serialization;

namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>The JSON form of an <see cref="EvaluationResult"/>: camelCase, indented, without values that were not measured.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EvaluationResult))]
internal sealed partial class EvaluationJson : JsonSerializerContext;
