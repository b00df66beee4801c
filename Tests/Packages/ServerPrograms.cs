namespace MlNetEmotion.Tests.Packages;

/// <summary>One minimal API in three languages: a request's body is 48×48 gray values, its answer their scores as JSON.</summary>
internal static class ServerPrograms
{
    public const string CSharp = """
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

    public const string VisualBasic = """
        Imports System
        Imports System.Threading.Tasks
        Imports Microsoft.AspNetCore.Builder
        Imports Microsoft.AspNetCore.Http
        Imports MlNetEmotion

        Module Program
            ReadOnly Classifier As EmotionClassifier = EmotionClassifier.LoadDefault()

            Sub Main(args As String())
                Dim app = WebApplication.CreateBuilder(args).Build()
                app.MapPost("/faces", New Func(Of HttpRequest, Task(Of EmotionScores))(AddressOf Score))
                app.Run()
            End Sub

            Async Function Score(request As HttpRequest) As Task(Of EmotionScores)
                Dim pixels(48 * 48 - 1) As Byte
                Dim photo As New ImageMemory(pixels, 48, 48, PixelFormat.Gray8)
                Await request.Body.ReadExactlyAsync(pixels)
                Return Classifier.Classify(photo)
            End Function
        End Module
        """;

    public const string FSharp = """
        open System
        open System.Threading.Tasks
        open Microsoft.AspNetCore.Builder
        open Microsoft.AspNetCore.Http
        open MlNetEmotion

        let classifier = EmotionClassifier.LoadDefault()

        let score (request: HttpRequest) : Task<EmotionScores> = task {
            let pixels = Array.zeroCreate<byte> (48 * 48)
            do! request.Body.ReadExactlyAsync(Memory pixels)
            return classifier.Classify(ImageMemory(ReadOnlyMemory pixels, 48, 48, PixelFormat.Gray8))
        }

        let app = WebApplication.CreateBuilder().Build()
        app.MapPost("/faces", Func<HttpRequest, Task<EmotionScores>> score) |> ignore
        app.Run()
        """;
}
