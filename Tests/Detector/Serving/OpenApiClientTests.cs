using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using NJsonSchema.CodeGeneration.CSharp;
using NSwag;
using NSwag.CodeGeneration.CSharp;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Serving;

/// <summary>A client that NSwag generates from the OpenAPI document.</summary>
public sealed class OpenApiClientTests
{
    private const string Token = "o8Jv5wqkLw2Z";

    // A program as a user of the client writes it.
    private const string Program = """
        using System.IO; using System.Linq; using System.Net.Http; using System.Threading.Tasks; using Generated;

        public static class Program
        {
            public static async Task<string> Classify(HttpClient http, Stream picture)
            {
                var client = new EmotionClient(http);
                FacesResponse answer = await client.FindFacesAsync(new FileParameter(picture, "faces.png"));
                FaceResponse face = answer.Faces.First();
                bool isTop = face.Probabilities.Happy <= face.Confidence && face.Emotion is >= Emotion.Angry and <= Emotion.Neutral;
                return $"{answer.Width}x{answer.Height} {answer.Faces.Count} {face.Box.Width > 0} {face.Landmarks.Nose.X > 0} {isTop} {string.Join(",", answer.Faces.Select(one => one.Emotion))}";
            }

            public static async Task<string> Refuse(HttpClient http)
            {
                var client = new EmotionClient(http);
                try
                {
                    await client.ScoreFaceAsync(new FileParameter(new MemoryStream(new byte[400]), "none"));
                    return "accepted";
                }
                catch (ApiException<ProblemDetails> e)
                {
                    return $"{e.StatusCode} {e.Result.Detail}";
                }
            }
        }
        """;

    [Fact]
    public async Task Client_OfNSwag_ClassifiesAPicture()
    {
        await using InProcessServer server = await InProcessServer.Start(Token);
        byte[] picture = Upload.ThreeFaces(".png");
        using HttpResponseMessage posted = await server.Client.PostAsync("/api/faces", new ByteArrayContent(picture), TestContext.Current.CancellationToken);
        string emotions = string.Join(",", System.Text.Json.JsonElement.Parse(await posted.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))
            .GetProperty("faces").EnumerateArray().Select(face => face.GetProperty("emotion").GetString()));

        Type program = Compile(await Generate(server), Program).GetType("Program")!;
        string classified = await (Task<string>)program.GetMethod("Classify")!.Invoke(null, [server.Client, new MemoryStream(picture)])!;
        string refused = await (Task<string>)program.GetMethod("Refuse")!.Invoke(null, [server.Client])!;

        Assert.Equal($"720x400 3 True True True {emotions}", classified);
        Assert.Equal("422 not an image of a known format (BMP, GIF, JPEG, PNG, PNM, TIFF, WebP)", refused);
    }

    private static async Task<string> Generate(InProcessServer server)
    {
        string json = await server.Client.GetStringAsync("/openapi/v1.json", TestContext.Current.CancellationToken);
        OpenApiDocument document = await OpenApiDocument.FromJsonAsync(json, TestContext.Current.CancellationToken);
        return new CSharpClientGenerator(document, new CSharpClientGeneratorSettings
        {
            ClassName = "EmotionClient", UseBaseUrl = false,
            CSharpGeneratorSettings = { Namespace = "Generated", JsonLibrary = CSharpJsonLibrary.SystemTextJson },
        }).GenerateFile();
    }

    private static Assembly Compile(params string[] sources)
    {
        string framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var compilation = CSharpCompilation.Create(
            "GeneratedClient", sources.Select(source => CSharpSyntaxTree.ParseText(source)),
            Directory.EnumerateFiles(framework, "System*.dll").Where(IsManaged).Select(file => MetadataReference.CreateFromFile(file)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        using var assembly = new MemoryStream();
        Assert.Empty(compilation.Emit(assembly).Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
        return Assembly.Load(assembly.ToArray());

        static bool IsManaged(string file)
        {
            try
            {
                AssemblyName.GetAssemblyName(file);
                return true;
            }
            catch (BadImageFormatException)
            {
                return false;
            }
        }
    }
}
