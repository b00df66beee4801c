using System.Diagnostics.CodeAnalysis;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNetEmotion;

/// <summary>
/// Scores faces in an ML.NET pipeline: the column <c>Score</c> has one probability per emotion, <c>PredictedLabel</c> the key of the most probable
/// one, or the missing key if all are equally probable. Can be saved by <c>ml.Model.Save</c> and loaded by <c>ml.Model.Load</c> in any program that
/// references this package. Thread-safe. A pipeline that contains it disposes it, if cast to <see cref="IDisposable"/>.
/// </summary>
[RequiresUnreferencedCode(EmotionCatalog.WhyNotTrimmed)]
[RequiresDynamicCode(EmotionCatalog.WhyNotTrimmed)]
public sealed class EmotionTransformer : ITransformer, IDisposable
{
    private readonly byte[] model;
    private readonly ITransformer chain;
    private bool isDisposed;

    internal EmotionTransformer(byte[] model, ITransformer chain) => (this.model, this.chain) = (model, chain);

    /// <inheritdoc/>
    public bool IsRowToRowMapper => chain.IsRowToRowMapper;

    /// <summary>Writes the model as an ONNX file for any ONNX runtime.</summary>
    /// <param name="path">The file, written atomically; its folder is created.</param>
    public void SaveAsOnnx(string path) => AtomicFile.Write(path, stream => stream.Write(model));

    /// <inheritdoc/>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => chain.GetOutputSchema(inputSchema);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A column's key has the emotions in another order, so that metrics would be wrong.</exception>
    /// <exception cref="ObjectDisposedException">The model is freed.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        ObjectDisposedException.ThrowIf(isDisposed, this);
        LabelKeys.CheckForScoring(input.Schema);
        return chain.Transform(input);
    }

    /// <inheritdoc/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => chain.GetRowToRowMapper(inputSchema);

    /// <summary>Frees the model. ML.NET also writes it to <c>MLContext.TempFilePath</c>, and leaves the file there on Linux and macOS.</summary>
    public void Dispose()
    {
        isDisposed = true;
        (chain as IDisposable)?.Dispose();
    }

    void ICanSaveModel.Save(ModelSaveContext ctx) => chain.Save(ctx);
}
