using System.Diagnostics.CodeAnalysis;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNetEmotion;

/// <summary>
/// Scores faces in an ML.NET pipeline: the column <c>Score</c> has a probability for each emotion, <c>PredictedLabel</c> the key of the most probable
/// one, the missing key where all are equally probable. Saved by <c>ml.Model.Save</c>, it is loaded again by <c>ml.Model.Load</c> wherever this package is referenced. Thread-safe.
/// </summary>
[RequiresUnreferencedCode(EmotionCatalog.WhyNotTrimmed)]
[RequiresDynamicCode(EmotionCatalog.WhyNotTrimmed)]
public sealed class EmotionTransformer : ITransformer
{
    private readonly byte[] model;
    private readonly ITransformer chain;

    internal EmotionTransformer(byte[] model, ITransformer chain) => (this.model, this.chain) = (model, chain);

    /// <inheritdoc/>
    public bool IsRowToRowMapper => chain.IsRowToRowMapper;

    /// <summary>Writes the model as one ONNX file, which any runtime scores faces by.</summary>
    /// <param name="path">The file; its folder is made, and a reader finds the old file or the whole new one.</param>
    public void SaveAsOnnx(string path) => AtomicFile.Write(path, stream => stream.Write(model));

    /// <inheritdoc/>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => chain.GetOutputSchema(inputSchema);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A column's key counts the emotions in another order, so that what is evaluated with it is wrong.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        LabelKeys.CheckForScoring(input.Schema);
        return chain.Transform(input);
    }

    /// <inheritdoc/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => chain.GetRowToRowMapper(inputSchema);

    void ICanSaveModel.Save(ModelSaveContext ctx) => chain.Save(ctx);
}
