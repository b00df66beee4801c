using System.Text.Json.Serialization;

namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>How an <see cref="EvaluationResult"/> reads and writes as JSON: camelCase, indented; what was not measured is left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EvaluationResult))]
internal sealed partial class EvaluationJson : JsonSerializerContext;
