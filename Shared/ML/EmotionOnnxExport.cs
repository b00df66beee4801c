using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetEmotion.Onnx;

namespace MlNetEmotion;

/// <summary>The emotion model of an ML.NET pipeline as an ONNX file.</summary>
[RequiresUnreferencedCode(EmotionCatalog.WhyNotTrimmed)]
[RequiresDynamicCode(EmotionCatalog.WhyNotTrimmed)]
public static class EmotionOnnxExport
{
    private const string Advice = "ML.NET cannot write this pipeline as ONNX. SaveAsOnnx(path) writes its emotion model, which is ONNX already";

    /// <summary>
    /// Writes a pipeline's emotion model as one ONNX file, which any runtime scores faces by. The pipeline may have been loaded by <c>ml.Model.Load</c>.
    /// </summary>
    /// <param name="pipeline">A pipeline with one <c>ScoreEmotion</c>. The file holds this step alone: its input is the 48×48 face.</param>
    /// <param name="path">The file; its folder is made, and a reader finds the old file or the whole new one.</param>
    /// <exception cref="ArgumentException">The pipeline scores no emotions, or has several emotion models.</exception>
    public static void SaveAsOnnx(this ITransformer pipeline, string path)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[][] models = [.. ModelsOf(pipeline).Where(IsEmotionModel)];
        byte[] model = models.Length == 1
            ? models[0]
            : throw new ArgumentException($"the pipeline has {models.Length} emotion models, expected one, as ScoreEmotion adds it", nameof(pipeline));
        AtomicFile.Write(path, stream => stream.Write(model));
    }

    /// <summary>Refuses the conversion by Microsoft.ML.OnnxConverter, which knows only ML.NET's own steps: use <see cref="EmotionTransformer.SaveAsOnnx"/>.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    [Obsolete(Advice + ".")]
    public static void ConvertToOnnx(this ModelOperationsCatalog catalog, EmotionTransformer transform, IDataView inputData, Stream stream) =>
        throw new NotSupportedException(Advice + ".");

    /// <summary>Refuses the conversion by Microsoft.ML.OnnxConverter, which knows only ML.NET's own steps: use <see cref="SaveAsOnnx"/>.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    [Obsolete(Advice + ".")]
    public static void ConvertToOnnx(this ModelOperationsCatalog catalog, TransformerChain<EmotionTransformer> transform, IDataView inputData, Stream stream) =>
        throw new NotSupportedException(Advice + ".");

    // ML.NET keeps a model's bytes to itself, but for its own file of the pipeline, a ZIP archive.
    private static List<byte[]> ModelsOf(ITransformer pipeline)
    {
        using var file = new MemoryStream();
        new MLContext().Model.Save(pipeline, inputSchema: null, file);
        using var archive = new ZipArchive(file, ZipArchiveMode.Read);
        var models = new List<byte[]>();
        foreach (ZipArchiveEntry entry in archive.Entries.Where(entry => entry.Name == "OnnxModel"))
        {
            using Stream stream = entry.Open();
            models.Add(EmotionClassifier.ReadToEnd(stream)[sizeof(int)..]);    // after its length
        }

        return models;
    }

    private static bool IsEmotionModel(byte[] model)
    {
        try
        {
            using var classifier = new EmotionClassifier(new MemoryStream(model));
            return true;
        }
        catch (ModelException)
        {
            return false;
        }
    }
}
