namespace MlNetEmotion.Tests.Packages;

/// <summary>A project as a stranger has it: one reference to a package, and one source file.</summary>
/// <param name="Name">The folder's name.</param>
/// <param name="Frameworks">Target frameworks, divided by ';'.</param>
/// <param name="Package">The only package that it names.</param>
/// <param name="Program">The source.</param>
/// <param name="Language">cs, fs or vb.</param>
/// <param name="IsServer">Whether it uses ASP.NET Core.</param>
/// <param name="SkiaSharp">The version of SkiaSharp that it names besides; null for the package's own.</param>
internal sealed record Stranger(string Name, string Frameworks, string Package, string Program, string Language = "cs", bool IsServer = false, string? SkiaSharp = null)
{
    public const string Both = "net8.0;net10.0";

    private const string Pipeline = """
        using System.Text.Json;
        using Microsoft.ML;
        using Microsoft.ML.Data;
        using MlNetEmotion;

        var ml = new MLContext();
        var faces = ml.Data.LoadFromEnumerable([new Row { Face = [.. Enumerable.Range(0, 48 * 48).Select(i => (float)(byte)i)] }]);
        float[] scores = ml.Transforms.ScoreEmotion().Fit(faces).Transform(faces).GetColumn<float[]>("Score").Single();
        Console.WriteLine(JsonSerializer.Serialize(Enum.GetValues<Emotion>().ToDictionary(emotion => emotion.ToString(), emotion => scores[(int)emotion])));

        internal sealed class Row
        {
            [VectorType(1, 48, 48)]
            public float[] Face { get; set; } = [];
        }
        """;

    private const string Training = """
        using Microsoft.ML;
        using MlNetEmotion;
        using MlNetEmotion.Trainer;

        var ml = new MLContext();
        var faces = ml.Data.LoadSampleFaces(trainCount: 70, validationCount: 70);
        EmotionTransformer model = ml.MulticlassClassification.Trainers.EmotionCnn(new() { Network = "classic", Epochs = 1 }).Fit(faces);
        model.SaveAsOnnx("emotion.onnx");
        Console.WriteLine(ml.MulticlassClassification.Evaluate(model.Transform(faces)).ConfusionMatrix.NumberOfClasses);
        """;

    // A request's body is 48×48 gray values, its answer their scores as JSON.
    private const string Server = """
        using MlNetEmotion;
        
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddEmotionRecognizer().AddEmotionClassifier();
        var app = builder.Build();
        app.Services.GetRequiredService<EmotionRecognizer>();
        app.MapPost("/faces", async (HttpRequest request, EmotionClassifier classifier) =>
        {
            var pixels = new byte[48 * 48];
            var photo = new ImageMemory(pixels, 48, 48, PixelFormat.Gray8);
            await request.Body.ReadExactlyAsync(pixels);
            return classifier.Classify(photo);
        });
        app.Run();
        """;

    /// <summary>Projects that need no package but MlNetEmotion, ONNX Runtime and, for services, the abstractions of dependency injection.</summary>
    public static IReadOnlyList<Stranger> ThatClassify { get; } =
    [
        new("console-cs", Both, "MlNetEmotion", MemoryPrograms.CSharp),
        new("console-fs", "net8.0", "MlNetEmotion", MemoryPrograms.FSharp, "fs"),
        new("console-vb", "net10.0", "MlNetEmotion", MemoryPrograms.VisualBasic, "vb"),
        new("server", Both, "MlNetEmotion.DependencyInjection", Server, IsServer: true),
    ];

    public static IReadOnlyList<Stranger> WithMlNet { get; } =
    [
        new("pipeline", Both, "MlNetEmotion.ML", Pipeline),
        new("training", "net10.0", "MlNetEmotion.Training", Training),
    ];

    // .NET 8's programs run on .NET 10 where that alone is installed.
    public string Project(string version) => $"""
        <Project Sdk="Microsoft.NET.Sdk{(IsServer ? ".Web" : "")}">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <AssemblyName>app</AssemblyName>
            <RootNamespace>App</RootNamespace>
            <TargetFrameworks>{Frameworks}</TargetFrameworks>
            <ImplicitUsings>enable</ImplicitUsings>
            <Nullable>enable</Nullable>
            <InvariantGlobalization>true</InvariantGlobalization>
            <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
            <TrimmerSingleWarn>false</TrimmerSingleWarn>
            <RollForward>Major</RollForward>
            <UseAppHost Condition="'$(TargetFramework)' == 'net8.0'">false</UseAppHost>
          </PropertyGroup>
          <ItemGroup>
            <Compile Include="program.fs" Condition="'$(MSBuildProjectExtension)' == '.fsproj'" />
            <PackageReference Include="{Package}" Version="{version}" />
            <SkiaPackage Include="SkiaSharp;SkiaSharp.NativeAssets.Linux.NoDependencies" />
            <PackageReference Include="@(SkiaPackage)" Version="{SkiaSharp}" Condition="'{SkiaSharp}' != ''" />
          </ItemGroup>
        </Project>
        """;
}
