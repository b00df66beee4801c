using System.Diagnostics.CodeAnalysis;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Microsoft.ML.Transforms.Image;
using MlNetEmotion.Onnx;

namespace MlNetEmotion;

/// <summary>The emotion transforms for ML.NET pipelines: <c>ml.Transforms.LoadFace(…)</c> or <c>ExtractFace(…)</c>, then <c>ScoreEmotion()</c>.</summary>
[RequiresUnreferencedCode(WhyNotTrimmed)]
[RequiresDynamicCode(WhyNotTrimmed)]
public static class EmotionCatalog
{
    /// <summary>The default name of the column with faces: float32 [1, 48, 48], gray, 0 to 255.</summary>
    public const string FaceColumn = "Face";

    /// <summary>The label column of <c>Evaluate</c> and the trainer: a key from 1 to 7.</summary>
    internal const string LabelColumn = "Label";

    private const string ScoreColumn = "Score";
    private const string PredictedLabelColumn = "PredictedLabel";

    internal const string WhyNotTrimmed = "ML.NET finds its columns and components by reflection; trimmed or AOT-compiled apps must use EmotionClassifier.";

    /// <summary>Crops a face from an image to the network's input.</summary>
    /// <param name="outputColumnName">The output column: float32 [1, 48, 48], gray, 0 to 255.</param>
    /// <param name="inputColumnName">A column of upright <see cref="MLImage"/> of any size, such as the output of
    /// <see cref="ImageCatalog.LoadUprightImages"/>; no <c>ResizeImages</c> is needed.</param>
    /// <param name="boxColumnName">A column of four Single with the face's box: x, y, width, height in pixels; null to use the whole image.</param>
    /// <remarks>ML.NET's images have no orientation, and ML.NET's <c>LoadImages</c> ignores EXIF's, so a phone's photograph may be scored sideways: often a
    /// wrong result with high confidence. <see cref="ImageCatalog.LoadFace"/> and <see cref="ImageCatalog.LoadUprightImages"/> apply EXIF's orientation.
    /// Colours are assumed to be premultiplied by alpha, as in ML.NET's images, and are composited on white; if a colour is larger than its alpha, alpha is
    /// ignored.</remarks>
    /// <exception cref="NotSupportedException">ML.NET's images do not work with the app's version of SkiaSharp.</exception>
    public static IEstimator<ITransformer> ExtractFace(
        this TransformsCatalog catalog, string outputColumnName = FaceColumn, string inputColumnName = "Image", string? boxColumnName = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        MLImages.ThrowIfUnusable();
        return new FaceEstimator(catalog, outputColumnName, inputColumnName, boxColumnName);
    }

    /// <summary>
    /// Maps emotions to the key that <c>Evaluate</c> and the trainer need: its values are the emotions' labels in the models' order.
    /// <c>MapValueToKey</c> would number the classes in the order of their occurrence.
    /// </summary>
    /// <param name="outputColumnName">The output column: a key from 1 to 7.</param>
    /// <param name="inputColumnName">A column of text or numbers: labels, usual synonyms, or 0 to 6 as in FER2013; null for the output column's name.</param>
    /// <remarks>Reading a row with any other value throws an <see cref="InvalidDataException"/> that names the value.</remarks>
    public static IEstimator<ITransformer> MapEmotionToKey(this TransformsCatalog catalog, string outputColumnName = LabelColumn, string? inputColumnName = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new EstimatorChain<ITransformer>()
            .Append(catalog.Conversion.ConvertType(EmotionName.Column, inputColumnName ?? outputColumnName, DataKind.String))
            .Append(catalog.CustomMapping(new EmotionNameFactory().GetMapping(), EmotionNameFactory.Contract))
            .Append(catalog.Conversion.MapValueToKey(outputColumnName, EmotionName.Column, keyData: LabelNames()))
            .Append(catalog.DropColumns(EmotionName.Column));
    }

    /// <summary>
    /// Scores faces with an emotion model, by <c>ApplyOnnxModel</c>. Adds a column of scores and one of predicted labels.
    /// </summary>
    /// <param name="scoreColumnName">The output column of seven Single, one per emotion, which add up to 1.</param>
    /// <param name="predictedLabelColumnName">The output column of the most probable emotion: a key whose values are the emotions' labels.</param>
    /// <param name="inputColumnName">A column of faces, such as the output of <see cref="ImageCatalog.LoadFace"/> or <see cref="ExtractFace"/>.</param>
    /// <param name="modelPath">An ONNX file as written by Trainer; null for the default model.</param>
    /// <remarks>If all seven are equally probable, as for a uniform gray, the predicted label is ML.NET's missing key: 0 as a number, an empty text after
    /// <c>MapKeyToValue</c>. <c>MulticlassClassification.Evaluate</c> uses the scores alone and counts such a row as the first emotion.
    /// Temporary columns named <c>image</c>, <c>probabilities</c> and like the emotions are added and dropped.
    /// <para>Reading a face with values outside 0 to 255, or apparently scaled to 0 to 1, throws an <see cref="InvalidDataException"/>.</para>
    /// <para><c>Fit</c> and <c>Transform</c> throw an <see cref="ArgumentException"/> if the key of <c>Label</c>, or any other key of emotions' names, has
    /// the classes in another order, since <c>Evaluate</c> would compare different classes; use <see cref="MapEmotionToKey"/>.</para></remarks>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="ModelException">The file is not an emotion model.</exception>
    public static IEstimator<EmotionTransformer> ScoreEmotion(
        this TransformsCatalog catalog, string scoreColumnName = ScoreColumn, string predictedLabelColumnName = PredictedLabelColumn, string inputColumnName = FaceColumn,
        string? modelPath = null)
    {
        using Stream file = modelPath is null ? EmotionClassifier.OpenDefaultModel() : File.OpenRead(modelPath);
        return catalog.ScoreEmotion(OnnxSession.ReadToEnd(file), scoreColumnName, predictedLabelColumnName, inputColumnName);
    }

    /// <summary>Scores faces with an emotion model in memory, like <see cref="ScoreEmotion(TransformsCatalog, string, string, string, string)"/>.</summary>
    /// <inheritdoc cref="ScoreEmotion(TransformsCatalog, string, string, string, string)" path="/param[@name != 'modelPath']"/>
    /// <param name="model">An ONNX file's bytes.</param>
    /// <exception cref="ModelException">The bytes are not an emotion model.</exception>
    public static IEstimator<EmotionTransformer> ScoreEmotion(
        this TransformsCatalog catalog, byte[] model, string scoreColumnName = ScoreColumn, string predictedLabelColumnName = PredictedLabelColumn,
        string inputColumnName = FaceColumn)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        using var checkedModel = new EmotionClassifier(model);    // throws for other models, and turns telemetry off first
        string[] labels = [.. Emotions.Labels];
        return new EmotionEstimator(model, () => new EstimatorChain<ITransformer>()
            .Append(catalog.CopyColumns(ModelInput.Column, inputColumnName))
            .Append(catalog.CustomMapping(new ModelInputFactory().GetMapping(), ModelInputFactory.Contract))
            .Append(catalog.ApplyOnnxModel(ModelOutput.Column, ModelInput.Column, new MemoryStream(model)))
            .Append(catalog.CustomMapping(new PredictionFactory().GetMapping(), PredictionFactory.Contract))
            .Append(catalog.Conversion.MapValueToKey(predictedLabelColumnName, PredictionColumns.LabelColumn, keyData: LabelNames()))
            .Append(catalog.Concatenate(scoreColumnName, labels))    // also names the slots
            .Append(catalog.DropColumns([ModelInput.Column, ModelOutput.Column, PredictionColumns.LabelColumn, .. labels])));
    }

    private static IDataView LabelNames() => new MLContext().Data.LoadFromEnumerable(Emotions.Labels.Select(label => new EmotionName { Name = label }));

    [RequiresUnreferencedCode(WhyNotTrimmed)]
    [RequiresDynamicCode(WhyNotTrimmed)]
    private sealed class EmotionEstimator(byte[] model, Func<IEstimator<ITransformer>> createChain) : IEstimator<EmotionTransformer>
    {
        // ApplyOnnxModel loads the model when it is called, so a fitted transformer takes the chain with it and disposes it.
        private IEstimator<ITransformer>? chain;

        public EmotionTransformer Fit(IDataView input)
        {
            LabelKeys.CheckForScoring(input.Schema);
            return new(model, (Interlocked.Exchange(ref chain, null) ?? createChain()).Fit(input));
        }

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => (chain ??= createChain()).GetOutputSchema(inputSchema);
    }

    // In ML.NET, images of different sizes have different types, so the mapping must use the column's type.
    private sealed class FaceEstimator(TransformsCatalog catalog, string outputColumn, string inputColumn, string? boxColumn) : IEstimator<ITransformer>
    {
        public ITransformer Fit(IDataView input) => Chain(input.Schema.GetColumnOrNull(inputColumn)?.Type).Fit(input);

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) =>
            Chain(inputSchema.FirstOrDefault(column => column.Name == inputColumn).ItemType).GetOutputSchema(inputSchema);

        private EstimatorChain<ColumnSelectingTransformer> Chain(DataViewType? imageType)
        {
            IEstimator<ITransformer> chain = new EstimatorChain<ITransformer>().Append(catalog.CopyColumns(FaceImage.ImageColumn, inputColumn));
            string[] temporary = [FaceImage.ImageColumn, CroppedFace.FaceColumn];
            if (boxColumn is null)
            {
                chain = chain.Append(catalog.CustomMapping(new FaceImageFactory().GetMapping(), FaceImageFactory.Contract, Definition(typeof(FaceImage), imageType)));
            }
            else
            {
                temporary = [.. temporary, BoxedFaceImage.BoxColumn];
                chain = chain.Append(catalog.CopyColumns(BoxedFaceImage.BoxColumn, boxColumn)).Append(catalog.CustomMapping(
                    new BoxedFaceImageFactory().GetMapping(), BoxedFaceImageFactory.Contract, Definition(typeof(BoxedFaceImage), imageType)));
            }

            return chain.Append(catalog.CopyColumns(outputColumn, CroppedFace.FaceColumn)).Append(catalog.DropColumns(temporary));
        }

        private static SchemaDefinition Definition(Type row, DataViewType? imageType)
        {
            var definition = SchemaDefinition.Create(row);
            if (imageType is ImageDataViewType image)
            {
                if (image.Height > 0)
                {
                    new ImageTypeAttribute(image.Height, image.Width).Register();
                }

                definition[FaceImage.ImageColumn].ColumnType = imageType;
            }

            return definition;
        }
    }
}
