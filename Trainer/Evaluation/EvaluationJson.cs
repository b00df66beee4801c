using System.Text.Json.Serialization;

namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>How an <see cref="EvaluationResult"/> reads and writes as JSON: camelCase, indented.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(EvaluationResult))]
internal sealed partial class EvaluationJson : JsonSerializerContext;
