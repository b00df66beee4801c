using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using MlNetEmotion.Images;

namespace MlNetEmotion;

/// <summary>Input row with an image file's path.</summary>
internal class ImageRow
{
    public const string PathColumn = "MlNetEmotion.Path";
    public const string FolderColumn = "MlNetEmotion.Folder";

    [ColumnName(PathColumn)]
    public string Path { get; set; } = "";

    [ColumnName(FolderColumn)]
    public string Folder { get; set; } = "";

    private string FullPath => string.IsNullOrEmpty(Path)
        ? throw new InvalidDataException("an image's path is empty in this row")
        : System.IO.Path.Combine(Folder, Path);

    /// <summary>Loads a face, or the whole image as a face if there is no box.</summary>
    public float[] ReadFace(Box? box)
    {
        using StoredImage image = ImageFile.Open(FullPath, out _);
        try
        {
            return [.. box is { } part ? image.ToFace(part) : image.ToFace()];
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"{FullPath}: {e.Message}", e.InnerException);
        }
    }

    /// <summary>Loads the whole image.</summary>
    public MLImage ReadImage()
    {
        using StoredImage stored = ImageFile.Open(FullPath, out _);
        MLImage image = MLImages.Create(stored.ToUpright().View);
        image.Tag = FullPath;
        return image;
    }
}

/// <summary>Input row with an image file's path and a face's box.</summary>
internal sealed class BoxedImageRow : ImageRow
{
    public const string BoxColumn = BoxedFaceImage.BoxColumn;

    [ColumnName(BoxColumn)]
    [VectorType(4)]
    public float[] Box { get; set; } = [];
}

/// <inheritdoc cref="FaceImageFactory"/>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class FaceFileFactory : CustomMappingFactory<ImageRow, CroppedFace>
{
    public const string Contract = "MlNetEmotion.LoadFace";

    public override Action<ImageRow, CroppedFace> GetMapping() => static (file, crop) => crop.Face = file.ReadFace(null);
}

/// <inheritdoc cref="FaceImageFactory"/>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class BoxedFaceFileFactory : CustomMappingFactory<BoxedImageRow, CroppedFace>
{
    public const string Contract = "MlNetEmotion.LoadBoxedFace";

    public override Action<BoxedImageRow, CroppedFace> GetMapping() => static (file, crop) => crop.Face = file.ReadFace(BoxedFaceImage.ToBox(file.Box));
}

/// <inheritdoc cref="FaceImageFactory"/>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class UprightImageFactory : CustomMappingFactory<ImageRow, FaceImage>
{
    public const string Contract = "MlNetEmotion.LoadUprightImages";

    public override Action<ImageRow, FaceImage> GetMapping()
    {
        MLImages.ThrowIfUnusable();

        // The previous row's image is not disposed of: its reader owns it, as with LoadImages.
        return static (file, image) => image.Image = file.ReadImage();
    }
}
