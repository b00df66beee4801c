using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Microsoft.ML.Transforms.Image;
using MlNetEmotion.Onnx;

namespace MlNetEmotion;

/// <summary>Marks a property as an image of any size; ML.NET's own attribute requires a size.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class AnyImageAttribute : DataViewTypeAttribute
{
    public override bool Equals(DataViewTypeAttribute? other) => other is AnyImageAttribute;

    public override bool Equals(object? obj) => obj is AnyImageAttribute;

    public override int GetHashCode() => 0;

    public override void Register() => DataViewTypeManager.Register(new ImageDataViewType(), typeof(MLImage), this);
}

/// <summary>Row with an image.</summary>
internal class FaceImage
{
    public const string ImageColumn = "MlNetEmotion.Image";

    [ColumnName(ImageColumn)]
    [AnyImage]
    public MLImage? Image { get; set; }

    /// <summary>Crops a face, or uses the whole image if there is no box.</summary>
    public float[] Crop(Box? box)
    {
        MLImage image = Image ?? throw new InvalidDataException("there is no image in this row");
        Span<byte> face = stackalloc byte[FacePreprocessor.PixelCount];
        FacePreprocessor.ToFace(MLImages.OnWhite(image), box ?? new Box(0, 0, image.Width, image.Height), face);
        return [.. face];
    }
}

/// <summary>Input row with an image and a face's box.</summary>
internal sealed class BoxedFaceImage : FaceImage
{
    public const string BoxColumn = "MlNetEmotion.Box";

    [ColumnName(BoxColumn)]
    [VectorType(4)]
    public float[] Box { get; set; } = [];

    /// <exception cref="InvalidDataException">The array does not have four finite numbers.</exception>
    public static Box ToBox(float[] box) => box is [var x, var y, var width, var height]
            && float.IsFinite(x) && float.IsFinite(y) && float.IsFinite(width) && float.IsFinite(height)
        ? new Box((int)x, (int)y, (int)width, (int)height)
        : throw new InvalidDataException($"a face's box is [{string.Join(", ", box)}], expected four numbers: x, y, width and height");
}

internal sealed class CroppedFace
{
    public const string FaceColumn = "MlNetEmotion.Face";

    [ColumnName(FaceColumn)]
    [VectorType(1, FacePreprocessor.Size, FacePreprocessor.Size)]
    public float[] Face { get; set; } = [];
}

internal sealed class ModelInput
{
    public const string Column = "image";

    [ColumnName(Column)]
    [VectorType(FacePreprocessor.PixelCount)]
    public float[] Image { get; set; } = [];
}

internal sealed class ModelOutput
{
    public const string Column = "probabilities";

    [ColumnName(ModelInput.Column)]
    [VectorType(FacePreprocessor.PixelCount)]
    public float[] Image { get; set; } = [];

    [ColumnName(Column)]
    [VectorType(Emotions.Count)]
    public float[] Probabilities { get; set; } = [];
}

/// <summary>Row with a class name: as input, any that <see cref="Emotions.TryParse"/> accepts; as output, the label.</summary>
internal sealed class EmotionName
{
    public const string Column = "MlNetEmotion.Name";

    [ColumnName(Column)]
    public string Name { get; set; } = "";
}

/// <summary>Output row with one column per emotion, in index order, and the predicted label.</summary>
internal class PredictionColumns
{
    public const string LabelColumn = "MlNetEmotion.PredictedLabel";

    public float Angry { get; set; }
    public float Disgust { get; set; }
    public float Fear { get; set; }
    public float Happy { get; set; }
    public float Sad { get; set; }
    public float Surprise { get; set; }
    public float Neutral { get; set; }

    [ColumnName(LabelColumn)]
    public virtual string PredictedLabel { get; set; } = "";
}

/// <summary>Output row of pipelines that were saved when the predicted label's column had a fixed name.</summary>
internal sealed class FixedPredictionColumns : PredictionColumns
{
    [ColumnName(nameof(PredictedLabel))]
    public override string PredictedLabel { get; set; } = "";
}

/// <summary>A mapping that ML.NET finds by its <see cref="Contract"/> when it loads a saved pipeline.</summary>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class FaceImageFactory : CustomMappingFactory<FaceImage, CroppedFace>
{
    public const string Contract = "MlNetEmotion.ExtractFace";

    public override Action<FaceImage, CroppedFace> GetMapping()
    {
        MLImages.ThrowIfUnusable();
        return static (image, crop) => crop.Face = image.Crop(null);
    }
}

/// <inheritdoc cref="FaceImageFactory"/>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class BoxedFaceImageFactory : CustomMappingFactory<BoxedFaceImage, CroppedFace>
{
    public const string Contract = "MlNetEmotion.ExtractBoxedFace";

    public override Action<BoxedFaceImage, CroppedFace> GetMapping()
    {
        MLImages.ThrowIfUnusable();
        return static (image, crop) => crop.Face = image.Crop(BoxedFaceImage.ToBox(image.Box));
    }
}

/// <inheritdoc cref="FaceImageFactory"/>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class EmotionNameFactory : CustomMappingFactory<EmotionName, EmotionName>
{
    public const string Contract = "MlNetEmotion.EmotionName";

    public override Action<EmotionName, EmotionName> GetMapping() => static (source, named) => named.Name = Emotions.TryParse(source.Name, out Emotion emotion)
        ? Emotions.Labels[(int)emotion]
        : throw new InvalidDataException($"'{source.Name}' is not an emotion; expected {string.Join(", ", Emotions.Labels)}, a usual synonym, or 0 to {Emotions.Count - 1}");
}

/// <summary>Precedes ONNX Runtime in a saved pipeline, so that telemetry is turned off before ONNX Runtime is loaded.</summary>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class ModelInputFactory : CustomMappingFactory<ModelInput, ModelInput>
{
    public const string Contract = "MlNetEmotion.ModelInput";

    public override Action<ModelInput, ModelInput> GetMapping()
    {
        OnnxSession.TurnTelemetryOff();
        return static (source, destination) =>
        {
            CheckRange(source.Image);
            destination.Image = source.Image;
        };
    }

    // Scaled or normalized values would give wrong scores without an error. NaN passes here; the check of the model's output finds it.
    private static void CheckRange(ReadOnlySpan<float> face)
    {
        (float min, float max, bool hasFraction) = (float.PositiveInfinity, float.NegativeInfinity, false);
        foreach (float value in face)
        {
            min = value < min ? value : min;
            max = value > max ? value : max;
            hasFraction |= value is > 0 and < 1;
        }

        if (min < 0 || max > byte.MaxValue || (max <= 1 && hasFraction))
        {
            throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture,
                $"a face's values range from {min} to {max}, expected gray values from 0 to 255, neither scaled nor normalized"));
        }
    }
}

/// <inheritdoc cref="FaceImageFactory"/>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class PredictionFactory : CustomMappingFactory<ModelOutput, PredictionColumns>
{
    public const string Contract = "MlNetEmotion.Prediction";

    public override Action<ModelOutput, PredictionColumns> GetMapping() => Map;

    public static void Map(ModelOutput output, PredictionColumns prediction)
    {
        EmotionScores p = FacePreprocessor.IsBlank(output.Image) ? EmotionScores.Uncertain : Scores(output.Probabilities);
        (prediction.Angry, prediction.Disgust, prediction.Fear, prediction.Happy, prediction.Sad, prediction.Surprise, prediction.Neutral) = (
            p[Emotion.Angry], p[Emotion.Disgust], p[Emotion.Fear], p[Emotion.Happy], p[Emotion.Sad], p[Emotion.Surprise], p[Emotion.Neutral]);

        // ML.NET maps an empty text to the missing key.
        prediction.PredictedLabel = p.TopOrUncertain(0) is { } top ? Emotions.Labels[(int)top] : "";
    }

    private static EmotionScores Scores(float[] probabilities)
    {
        try
        {
            return new EmotionScores(probabilities);
        }
        catch (ArgumentException e)
        {
            throw new ModelException($"the model's output '{ModelOutput.Column}' is no softmax: {e.Message}", e);
        }
    }
}

/// <inheritdoc cref="FaceImageFactory"/>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class FixedPredictionFactory : CustomMappingFactory<ModelOutput, FixedPredictionColumns>
{
    public const string Contract = "MlNetEmotion.Answer";

    public override Action<ModelOutput, FixedPredictionColumns> GetMapping() => PredictionFactory.Map;
}
