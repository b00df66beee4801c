using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetEmotion.Onnx;

namespace MlNetEmotion;

/// <summary>Saves the emotion model of an ML.NET pipeline as an ONNX file.</summary>
[RequiresUnreferencedCode(EmotionCatalog.WhyNotTrimmed)]
[RequiresDynamicCode(EmotionCatalog.WhyNotTrimmed)]
public static class EmotionOnnxExport
{
    private const string Advice = "ML.NET cannot convert this pipeline to ONNX. SaveAsOnnx(path) writes its emotion model, which is an ONNX model already";

    /// <summary>
    /// Writes a pipeline's emotion model as an ONNX file for any ONNX runtime. The pipeline may have been loaded by <c>ml.Model.Load</c>.
    /// </summary>
    /// <param name="pipeline">A pipeline with one <c>ScoreEmotion</c>. The file contains this step alone: its input is the 48×48 face.</param>
    /// <param name="path">The file, written atomically; its folder is created.</param>
    /// <exception cref="ArgumentException">The pipeline has no emotion model, or several.</exception>
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

    /// <summary>Not supported: Microsoft.ML.OnnxConverter converts ML.NET's own transforms only. Use <see cref="EmotionTransformer.SaveAsOnnx"/>.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    [Obsolete(Advice + ".")]
    public static void ConvertToOnnx(this ModelOperationsCatalog catalog, EmotionTransformer transform, IDataView inputData, Stream stream) =>
        throw new NotSupportedException(Advice + ".");

    /// <summary>Not supported: Microsoft.ML.OnnxConverter converts ML.NET's own transforms only. Use <see cref="SaveAsOnnx"/>.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    [Obsolete(Advice + ".")]
    public static void ConvertToOnnx(this ModelOperationsCatalog catalog, TransformerChain<EmotionTransformer> transform, IDataView inputData, Stream stream) =>
        throw new NotSupportedException(Advice + ".");

    // ML.NET exposes a model's bytes only in the pipeline's file, a ZIP archive.
    private static List<byte[]> ModelsOf(ITransformer pipeline)
    {
        using var file = new MemoryStream();
        new MLContext().Model.Save(pipeline, inputSchema: null, file);
        using var archive = new ZipArchive(file, ZipArchiveMode.Read);
        var models = new List<byte[]>();
        foreach (ZipArchiveEntry entry in archive.Entries.Where(entry => entry.Name == "OnnxModel"))
        {
            using Stream stream = entry.Open();
            models.Add(EmotionClassifier.ReadToEnd(stream)[sizeof(int)..]);    // without the length prefix
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
