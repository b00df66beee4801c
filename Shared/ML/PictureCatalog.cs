using System.Diagnostics.CodeAnalysis;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNetEmotion;

/// <summary>Picture files in ML.NET pipelines, upright and without transparency: <c>ml.Transforms.LoadFace(…)</c>, <c>LoadUprightImages(…)</c>. Their
/// arguments come in the order of ML.NET's <c>LoadImages</c>, which does neither.</summary>
[RequiresUnreferencedCode(EmotionCatalog.WhyNotTrimmed)]
[RequiresDynamicCode(EmotionCatalog.WhyNotTrimmed)]
public static class PictureCatalog
{
    /// <summary>Reads faces from picture files, as <c>LoadFaces</c> and <c>Trainer evaluate</c> see them: upright by EXIF's orientation, transparency on
    /// white. BMP, GIF, JPEG, PNG, PGM and PPM, TIFF and WebP, of any size. It works beside SkiaSharp 2, 3 and 4.</summary>
    /// <param name="outputColumnName">The column to make: float32 [1, 48, 48], gray, 0 to 255.</param>
    /// <param name="imageFolder">The folder that paths start from, which is saved with the pipeline; null where they are complete. A path that begins at
    /// the root is taken as it is.</param>
    /// <param name="inputColumnName">A column of text: the files' paths.</param>
    /// <param name="boxColumnName">A column of four Single: where the face is, as x, y, width, height in pixels of the upright picture; null where the
    /// whole picture is the face.</param>
    /// <remarks>When a row is read, a path without a file is a <see cref="FileNotFoundException"/>, and an empty path, a damaged file and a box outside of the
    /// picture are an <see cref="InvalidDataException"/>, which names the file (the innermost exception, where ML.NET reads rows
    /// ahead). Of several pictures in a file, the first is read without a
    /// remark: <see cref="Pictures.ImageFile.Load(string, out string)"/> gives one.</remarks>
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
            : chain.Append(catalog.CopyColumns(BoxedPictureFile.BoxColumn, boxColumnName))
                .Append(catalog.CustomMapping(new BoxedFaceFileFactory().GetMapping(), BoxedFaceFileFactory.Contract));
        string[] temporary = [PictureFile.PathColumn, PictureFile.FolderColumn, CroppedFace.FaceColumn, .. boxColumnName is null ? [] : (string[])[BoxedPictureFile.BoxColumn]];
        return chain.Append(catalog.CopyColumns(outputColumnName, CroppedFace.FaceColumn)).Append(catalog.DropColumns(temporary));
    }

    /// <summary>Reads picture files as ML.NET's images, upright by EXIF's orientation and on white where they are transparent: for a face detector in the
    /// pipeline, or ML.NET's own transforms. Where neither is needed, <see cref="LoadFace"/> does with less memory.</summary>
    /// <param name="outputColumnName">The column to make: <see cref="MLImage"/>.</param>
    /// <param name="imageFolder">The folder that paths start from, which is saved with the pipeline; null where they are complete. A path that begins at
    /// the root is taken as it is.</param>
    /// <param name="inputColumnName">A column of text: the files' paths.</param>
    /// <remarks>Errors are those of <see cref="LoadFace"/>. Dispose of images that you take out of the pipeline.</remarks>
    /// <exception cref="NotSupportedException">ML.NET's images do not work with the app's version of SkiaSharp.</exception>
    public static IEstimator<ITransformer> LoadUprightImages(
        this TransformsCatalog catalog, string outputColumnName = "Image", string? imageFolder = null, string inputColumnName = "ImagePath")
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return Files(catalog, imageFolder, inputColumnName)
            .Append(catalog.CustomMapping(new UprightImageFactory().GetMapping(), UprightImageFactory.Contract))
            .Append(catalog.CopyColumns(outputColumnName, UprightImage.ImageColumn))
            .Append(catalog.DropColumns(PictureFile.PathColumn, PictureFile.FolderColumn, UprightImage.ImageColumn));
    }

    // A mapping is saved without its parameters, hence the folder is a column, made by an expression that is saved.
    private static EstimatorChain<ITransformer> Files(TransformsCatalog catalog, string? folder, string pathColumn)
    {
        IEnumerable<string> literal = (folder ?? "").Select(letter =>
            letter is '"' or '\\' or '\u2028' or '\u2029' || char.IsControl(letter) ? $"\\u{(int)letter:x4}" : $"{letter}");
        return new EstimatorChain<ITransformer>()
            .Append<ITransformer>(catalog.CopyColumns(PictureFile.PathColumn, pathColumn))
            .Append<ITransformer>(catalog.Expression(PictureFile.FolderColumn, $"path : \"{string.Concat(literal)}\"", pathColumn));
    }
}
