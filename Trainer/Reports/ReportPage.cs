using System.Text.Json.Serialization;
using MlNetEmotion.Trainer.Evaluation;

namespace MlNetEmotion.Trainer.Reports;

/// <summary>The data that the page's script reads: a report, and the figures that the evaluation JSON leaves out.</summary>
internal sealed record ReportPage(Report Report, IReadOnlyList<string> Labels, double LogLoss, IReadOnlyList<ReliabilityBin> ReliabilityBins);

/// <summary>Emotions as indices, pictures as Base64, not-a-number (no validation in an epoch) as "NaN"; &lt;, &gt; and &amp; escaped.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(ReportPage))]
internal sealed partial class ReportJson : JsonSerializerContext;
