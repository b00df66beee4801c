using System.Diagnostics.CodeAnalysis;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Microsoft.ML.Transforms.Image;
using MlNetEmotion.Onnx;

namespace MlNetEmotion;

/// <summary>Emotions in ML.NET pipelines: <c>ml.Transforms.LoadFace(…)</c> or <c>ExtractFace(…)</c>, <c>ScoreEmotion()</c>.</summary>
[RequiresUnreferencedCode(WhyNotTrimmed)]
[RequiresDynamicCode(WhyNotTrimmed)]
public static class EmotionCatalog
{
    /// <summary>The column in which faces are passed on: float32 [1, 48, 48], gray, 0 to 255.</summary>
    public const string FaceColumn = "Face";

    /// <summary>The column that <c>Evaluate</c> and the trainer take labels from: a key from 1 to 7.</summary>
    internal const string LabelColumn = "Label";

    internal const string WhyNotTrimmed = "ML.NET finds its columns and parts by reflection; apps that are trimmed or compiled ahead of time use EmotionClassifier.";

    /// <summary>Cuts a face out of an image, as the network takes it.</summary>
    /// <param name="outputColumnName">The column to make: float32 [1, 48, 48], gray, 0 to 255.</param>
    /// <param name="inputColumnName">A column of upright <see cref="MLImage"/> of any size, as <see cref="PictureCatalog.LoadUprightImages"/> makes it; it
    /// needs no <c>ResizeImages</c>.</param>
    /// <param name="boxColumnName">A column of four Single: where the face is, as x, y, width, height in pixels; null where the whole image is the face.</param>
    /// <remarks>An image of ML.NET's has no orientation, and ML.NET's <c>LoadImages</c> does not turn what a phone stored turned: a face on its side is then scored
    /// as it lies, often surely and wrong. <see cref="PictureCatalog.LoadFace"/> and <see cref="PictureCatalog.LoadUprightImages"/> turn files by EXIF.
    /// Colours are taken as multiplied by alpha, as ML.NET's are, and put on white; where that cannot be, for one is larger than alpha, alpha is ignored.</remarks>
    /// <exception cref="NotSupportedException">ML.NET's images do not work with the app's version of SkiaSharp.</exception>
    public static IEstimator<ITransformer> ExtractFace(
        this TransformsCatalog catalog, string outputColumnName = FaceColumn, string inputColumnName = "Image", string? boxColumnName = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        MLImages.ThrowIfUnusable();
        return new FaceEstimator(catalog, outputColumnName, inputColumnName, boxColumnName);
    }

    /// <summary>
    /// Makes the label's key that <c>Evaluate</c> and the trainer need, whatever the order of the rows: its values are the emotions' names in the models' order.
    /// <c>MapValueToKey</c> counts the classes as they occur.
    /// </summary>
    /// <param name="outputColumnName">The column to make: a key from 1 to 7.</param>
    /// <param name="inputColumnName">A column of text or numbers: emotions' names, usual synonyms, or 0 to 6 as FER2013 counts; null for the same name as the output's.</param>
    /// <remarks>Anything else in a row is an <see cref="InvalidDataException"/> that names it, when the row is read.</remarks>
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
    /// Scores faces by an emotion model, with <c>ApplyOnnxModel</c> inside. Makes the columns <c>Score</c> (a Single for each emotion, which add up to 1)
    /// and <c>PredictedLabel</c> (a key whose values are the emotions' names).
    /// </summary>
    /// <param name="inputColumnName">A column of faces, as <see cref="PictureCatalog.LoadFace"/> and <see cref="ExtractFace"/> make it.</param>
    /// <param name="modelPath">An ONNX file as Trainer writes it; null for the model inside this package.</param>
    /// <remarks>Where all seven are equally probable, as in an image that is one gray all over, <c>PredictedLabel</c> is ML.NET's missing key: 0 as a
    /// number, and <c>MapKeyToValue</c> makes it an empty text. <c>MulticlassClassification.Evaluate</c> looks at <c>Score</c> alone and counts such a
    /// row as the first emotion. Columns named <c>image</c>, <c>probabilities</c> or as an emotion are made on the way and dropped.
    /// <para>A face whose values are not within 0 to 255, or look scaled to 0 to 1, is an <see cref="InvalidDataException"/> when the row is read.</para>
    /// <para>A <c>Label</c> whose key counts the classes in another order, and any key of emotions' names that does, is refused by <c>Fit</c> and
    /// <c>Transform</c> with an <see cref="ArgumentException"/>: <c>Evaluate</c> would compare other classes. <see cref="MapEmotionToKey"/> makes the right one.</para></remarks>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelException">It is no emotion model.</exception>
    public static IEstimator<EmotionTransformer> ScoreEmotion(this TransformsCatalog catalog, string inputColumnName = FaceColumn, string? modelPath = null)
    {
        using Stream file = modelPath is null ? EmotionClassifier.OpenDefaultModel() : File.OpenRead(modelPath);
        return catalog.ScoreEmotion(EmotionClassifier.ReadToEnd(file), inputColumnName);
    }

    /// <summary>Scores faces by an emotion model in memory, as <see cref="ScoreEmotion(TransformsCatalog, string, string)"/> does.</summary>
    /// <param name="model">An ONNX file's bytes.</param>
    /// <param name="inputColumnName">A column of faces, as <see cref="PictureCatalog.LoadFace"/> and <see cref="ExtractFace"/> make it.</param>
    /// <exception cref="ModelException">They are no emotion model.</exception>
    public static IEstimator<EmotionTransformer> ScoreEmotion(this TransformsCatalog catalog, byte[] model, string inputColumnName = FaceColumn)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        using var checkedModel = new EmotionClassifier(new MemoryStream(model));    // refuses another kind of model, and turns telemetry off first
        string[] labels = [.. Emotions.Labels];
        return new EmotionEstimator(model, new EstimatorChain<ITransformer>()
            .Append(catalog.CopyColumns(ModelInput.Column, inputColumnName))
            .Append(catalog.CustomMapping(new ModelInputFactory().GetMapping(), ModelInputFactory.Contract))
            .Append(catalog.ApplyOnnxModel(ModelOutput.Column, ModelInput.Column, new MemoryStream(model)))
            .Append(catalog.CustomMapping(new PredictionFactory().GetMapping(), PredictionFactory.Contract))
            .Append(catalog.Concatenate("Score", labels))    // which names the score's slots
            .Append(catalog.Conversion.MapValueToKey("PredictedLabel", keyData: LabelNames()))
            .Append(catalog.DropColumns([ModelInput.Column, ModelOutput.Column, .. labels])));
    }

    private static IDataView LabelNames() => new MLContext().Data.LoadFromEnumerable(Emotions.Labels.Select(label => new LabelName { Name = label }));

    [RequiresUnreferencedCode(WhyNotTrimmed)]
    [RequiresDynamicCode(WhyNotTrimmed)]
    private sealed class EmotionEstimator(byte[] model, IEstimator<ITransformer> chain) : IEstimator<EmotionTransformer>
    {
        public EmotionTransformer Fit(IDataView input)
        {
            LabelKeys.CheckForScoring(input.Schema);
            return new(model, chain.Fit(input));
        }

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => chain.GetOutputSchema(inputSchema);
    }

    // ML.NET takes images of different sizes for different types, so that the mapping must know the column's own.
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

    private sealed class LabelName
    {
        public string Name { get; set; } = "";
    }
}
