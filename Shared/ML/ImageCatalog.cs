using System.Diagnostics.CodeAnalysis;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNetEmotion;

/// <summary>Loads image files in ML.NET pipelines, upright and composited on white, unlike ML.NET's <c>LoadImages</c>:
/// <c>ml.Transforms.LoadFace(…)</c>, <c>LoadUprightImages(…)</c>. Arguments are in the order of <c>LoadImages</c>.</summary>
[RequiresUnreferencedCode(EmotionCatalog.WhyNotTrimmed)]
[RequiresDynamicCode(EmotionCatalog.WhyNotTrimmed)]
public static class ImageCatalog
{
    /// <summary>Loads faces from image files with the same pixels as <c>LoadFaces</c> and <c>Trainer evaluate</c>: upright by EXIF's orientation,
    /// composited on white. BMP, GIF, JPEG, PNG, PGM and PPM, TIFF and WebP, of any size. Works with SkiaSharp 2, 3 and 4.</summary>
    /// <param name="outputColumnName">The output column: float32 [1, 48, 48], gray, 0 to 255.</param>
    /// <param name="imageFolder">The folder of relative paths, saved with the pipeline; null for the working folder. Rooted paths ignore it.</param>
    /// <param name="inputColumnName">A column of text: the files' paths.</param>
    /// <param name="boxColumnName">A column of four Single with the face's box: x, y, width, height in pixels of the upright image; null to use the
    /// whole image.</param>
    /// <remarks>Reading a row throws a <see cref="FileNotFoundException"/> for a missing file, and an <see cref="InvalidDataException"/> that names the file
    /// for an empty path, a damaged file or a box outside the image (as the innermost exception if ML.NET reads rows ahead). If a file has several
    /// images, the first is loaded without a warning; <see cref="Images.ImageFile.Load(string, out string)"/> returns one.</remarks>
    public static IEstimator<ITransformer> LoadFace(
        this TransformsCatalog catalog,
        string outputColumnName = EmotionCatalog.FaceColumn,
        string? imageFolder = null,
        string inputColumnName = "ImagePath",
        string? boxColumnName = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        IEstimator<ITransformer> chain = Files(catalog, imageFolder, inputColumnName);
        chain = boxColumnName is null
            ? chain.Append(catalog.CustomMapping(new FaceFileFactory().GetMapping(), FaceFileFactory.Contract))
            : chain.Append(catalog.CopyColumns(BoxedImageRow.BoxColumn, boxColumnName))
                .Append(catalog.CustomMapping(new BoxedFaceFileFactory().GetMapping(), BoxedFaceFileFactory.Contract));
        string[] temporary = [ImageRow.PathColumn, ImageRow.FolderColumn, CroppedFace.FaceColumn, .. boxColumnName is null ? [] : (string[])[BoxedImageRow.BoxColumn]];
        return chain.Append(catalog.CopyColumns(outputColumnName, CroppedFace.FaceColumn)).Append(catalog.DropColumns(temporary));
    }

    /// <summary>Loads image files as ML.NET's images, upright by EXIF's orientation and composited on white, for a face detector in the pipeline or for
    /// ML.NET's own transforms. If neither is needed, <see cref="LoadFace"/> uses less memory.</summary>
    /// <param name="outputColumnName">The output column: <see cref="MLImage"/>.</param>
    /// <param name="imageFolder">The folder of relative paths, saved with the pipeline; null for the working folder. Rooted paths ignore it.</param>
    /// <param name="inputColumnName">A column of text: the files' paths.</param>
    /// <remarks>Throws the same exceptions as <see cref="LoadFace"/>. Dispose of images that you take from the pipeline.</remarks>
    /// <exception cref="NotSupportedException">ML.NET's images do not work with the app's version of SkiaSharp.</exception>
    public static IEstimator<ITransformer> LoadUprightImages(
        this TransformsCatalog catalog, string outputColumnName = "Image", string? imageFolder = null, string inputColumnName = "ImagePath")
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return Files(catalog, imageFolder, inputColumnName)
            .Append(catalog.CustomMapping(new UprightImageFactory().GetMapping(), UprightImageFactory.Contract))
            .Append(catalog.CopyColumns(outputColumnName, FaceImage.ImageColumn))
            .Append(catalog.DropColumns(ImageRow.PathColumn, ImageRow.FolderColumn, FaceImage.ImageColumn));
    }

    // ML.NET saves a custom mapping without its parameters, so the folder is a column from an expression, which is saved.
    private static EstimatorChain<ITransformer> Files(TransformsCatalog catalog, string? folder, string pathColumn)
    {
        IEnumerable<string> literal = (folder ?? "").Select(letter =>
            letter is '"' or '\\' or '\u2028' or '\u2029' || char.IsControl(letter) ? $"\\u{(int)letter:x4}" : $"{letter}");
        return new EstimatorChain<ITransformer>()
            .Append<ITransformer>(catalog.CopyColumns(ImageRow.PathColumn, pathColumn))
            .Append<ITransformer>(catalog.Expression(ImageRow.FolderColumn, $"path : \"{string.Concat(literal)}\"", pathColumn));
    }
}
