using MlNetEmotion.Images;
using MlNetEmotion.Tests.Shared.ML.Images;
using SkiaSharp;
using Xunit;

namespace MlNetEmotion.Tests.Packages;

/// <summary>Strangers' pipelines beside each SkiaSharp that MAUI, Avalonia and Uno bring along.</summary>
[Trait("Speed", "slow")]
[Collection(nameof(PackedPackages))]
public sealed class SkiaSharpTests(PackedPackages packages)
{
    private const string Program = """
        using Microsoft.ML;
        using Microsoft.ML.Data;
        using MlNetEmotion;
        using MlNetEmotion.Images;

        var ml = new MLContext();
        string[] names = [.. Directory.GetFiles(args[0]).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];
        var rows = ml.Data.LoadFromEnumerable(names.Select(name => new { ImagePath = name }).ToArray());
        var scored = ml.Transforms.LoadFace(imageFolder: args[0]).Append(ml.Transforms.ScoreEmotion()).Fit(rows).Transform(rows);
        foreach ((string name, float[] face, float[] score) in names.Zip(scored.GetColumn<float[]>("Face"), scored.GetColumn<float[]>("Score")))
        {
            var image = ImageFile.Load(Path.Combine(args[0], name));
            Console.WriteLine($"{name} {image.Width}x{image.Height} {face.Select((value, i) => (long)value * (i + 1)).Sum()} {score.Sum() > 0.99f}");
        }

        try
        {
            Console.WriteLine(ml.Transforms.LoadUprightImages("Image", args[0], "ImagePath").Append(ml.Transforms.ExtractFace()).Fit(rows).Transform(rows).GetColumn<float[]>("Face").Count());
        }
        catch (NotSupportedException e)
        {
            Console.WriteLine(e.Message);
        }
        """;

    private static readonly Stranger[] Projects =
        [.. new[] { "2.88.9", "3.119.4", "4.155.0" }.Select(version => new Stranger($"skia-{version}", "net8.0", "MlNetEmotion.ML", Program, SkiaSharp: version))];

    [Theory]
    [InlineData("2.88.9", "{0}")]
    [InlineData("3.119.4", "ML.NET's images need SkiaSharp 2.88, found SkiaSharp 3.119; use LoadFace, which needs none of them, or SkiaSharp 2.88.9")]
    [InlineData("4.155.0", "ML.NET's images need SkiaSharp 2.88, found SkiaSharp 4.155; use LoadFace, which needs none of them, or SkiaSharp 2.88.9")]
    public async Task Pipeline_BesideAnySkiaSharp_ReadsTheSamePixels(string version, string images)
    {
        Stranger project = Projects.Single(project => project.SkiaSharp == version);
        string program = await packages.Build(nameof(SkiaSharpTests), Projects, project, "net8.0");
        (string Name, byte[] Content)[] files = [.. Files().OrderBy(file => file.Name, StringComparer.Ordinal)];
        Array.ForEach(files, file => packages.Write(project, $"images/{file.Name}", file.Content));
        string folder = Path.Combine(packages.FolderOf(project), "images");

        (int exitCode, string output, string error) = await ProgramProcess.Run("dotnet", program, folder);

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Equal([.. files.Select(file => Line(folder, file.Name)), string.Format(images, files.Length)], output.TrimEnd().Split('\n'));
    }

    // By this repository's own build.
    private static string Line(string folder, string name)
    {
        string path = Path.Combine(folder, name);
        ImageMemory image = ImageFile.Load(path);
        return $"{name} {image.Width}x{image.Height} {ImageFile.ReadFace(path, out _).Select((value, i) => (long)value * (i + 1)).Sum()} True";
    }

    private static IEnumerable<(string Name, byte[] Content)> Files()
    {
        using var image = new SKBitmap(new SKImageInfo(60, 40, SKColorType.Bgra8888, SKAlphaType.Unpremul));
        for (int y = 0; y < image.Height; y++)
        {
            for (int x = 0; x < image.Width; x++)
            {
                image.SetPixel(x, y, new SKColor((byte)(4 * x), (byte)(6 * y), (byte)(x * y), (byte)(255 - (3 * y))));
            }
        }

        byte[] jpeg = Encode(SKEncodedImageFormat.Jpeg), png = Encode(SKEncodedImageFormat.Png);
        return
        [
            .. Enumerable.Range(1, 8).Select(orientation => ($"exif{orientation}.jpg", ImageBytes.WithExif(jpeg, (byte)orientation))),
            ("alpha.png", png), ("exif6.png", ImageBytes.WithExifLast(png, 6)), ("alpha.webp", Encode(SKEncodedImageFormat.Webp)),
            ("alpha.tif", ImageBytes.Tiff(60, 40, 4, 8, 2, 2, 6, [.. image.Pixels.SelectMany(pixel => (byte[])[pixel.Red, pixel.Green, pixel.Blue, pixel.Alpha])])),
            ("a.pgm", [.. "P5 60 40 255\n"u8, .. image.Pixels.Select(pixel => pixel.Green)]),
        ];

        byte[] Encode(SKEncodedImageFormat format)
        {
            using SKData data = image.Encode(format, 90);
            return data.ToArray();
        }
    }
}
