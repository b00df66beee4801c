namespace MlNetEmotion.Tests.Packages;

/// <summary>
/// One program in three languages: it calls each method that takes an image in memory, scores a face in three ways, which must agree, and prints the scores as JSON.
/// </summary>
internal static class MemoryPrograms
{
    /// <summary>For C# 12, which keeps no ref struct in an asynchronous method, and for Native AOT.</summary>
    public const string CSharp = """
        using System.Text.Json;
        using System.Text.Json.Serialization;
        using MlNetEmotion;
        using MlNetEmotion.Faces;
                using MlNetEmotion.Tracking;

        byte[] pixels = [.. Enumerable.Range(0, 48 * 48).Select(i => (byte)i)];
        using var classifier = EmotionClassifier.LoadDefault();
        Console.WriteLine(JsonSerializer.Serialize(await Score(classifier, new MemoryStream(pixels)), Json.Default.EmotionScores));

        static async Task<EmotionScores> Score(EmotionClassifier classifier, Stream body)
        {
            var bytes = new byte[48 * 48];
            var photo = new ImageMemory(bytes, 48, 48, PixelFormat.Gray8);
            await body.ReadExactlyAsync(bytes);
            EmotionScores scores = classifier.Classify(photo);
            await Task.Yield();
            var box = new Box(0, 0, 48, 48);
            return scores == classifier.Classify(photo, box) && scores == classifier.ClassifyBatch(FacePreprocessor.ToFace(photo, box))[0]
                ? scores : throw new InvalidOperationException("three ways, several answers");
        }

        [JsonSerializable(typeof(EmotionScores))]
        internal sealed partial class Json : JsonSerializerContext;

        internal static class Others
        {
            public static async Task<int> Recognize(EmotionRecognizer recognizer, YuNet yunet, FaceTracker tracker, ImageMemory photo)
            {
                FaceDetection[] faces = yunet.Detect(photo);
                await Task.Yield();
                tracker.Follow(photo, TimeSpan.Zero);
                tracker.Update(photo, faces);
                return recognizer.Recognize(photo).Count + tracker.GetFaces().Length;
            }
        }
        """;

    /// <summary>Which takes no ref struct at all.</summary>
    public const string VisualBasic = """
        Imports System.Linq
        Imports System.Text.Json
        Imports MlNetEmotion
        Imports MlNetEmotion.Faces
        Imports MlNetEmotion.Tracking

        Module Program
            Sub Main()
                Dim pixels As Byte() = Enumerable.Range(0, 48 * 48).Select(Function(i) CByte(i And 255)).ToArray()
                Dim photo As New ImageMemory(pixels, 48, 48, PixelFormat.Gray8)
                Dim box As New Box(0, 0, 48, 48)
                Using classifier = EmotionClassifier.LoadDefault()
                    Dim scores = classifier.Classify(photo)
                    If scores <> classifier.Classify(photo, box) OrElse scores <> classifier.ClassifyBatch(FacePreprocessor.ToFace(photo, box))(0) Then
                        Throw New InvalidOperationException("three ways, several answers")
                    End If
                    Console.WriteLine(JsonSerializer.Serialize(scores))
                End Using
            End Sub

            Function Recognize(recognizer As EmotionRecognizer, yunet As YuNet, tracker As FaceTracker, photo As ImageMemory) As Integer
                Dim faces = yunet.Detect(photo)
                tracker.Follow(photo, TimeSpan.Zero)
                tracker.Update(photo, faces)
                Return recognizer.Recognize(photo).Count + tracker.GetFaces().Length
            End Function
        End Module
        """;

    public const string FSharp = """
        open System
        open System.Text.Json
        open MlNetEmotion
        open MlNetEmotion.Faces
        open MlNetEmotion.Tracking

        let recognize (recognizer: EmotionRecognizer) (yunet: YuNet) (tracker: FaceTracker) (photo: ImageMemory) =
            let faces = yunet.Detect photo
            tracker.Follow(photo, TimeSpan.Zero)
            tracker.Update(photo, faces) |> ignore
            recognizer.Recognize(photo).Count + tracker.GetFaces().Length

        let pixels = Array.init (48 * 48) byte
        let photo = ImageMemory(ReadOnlyMemory pixels, 48, 48, PixelFormat.Gray8)
        let box = Box(0, 0, 48, 48)
        let classifier = EmotionClassifier.LoadDefault()
        let scores = classifier.Classify photo
        if scores <> classifier.Classify(photo, box) || scores <> classifier.ClassifyBatch(ReadOnlyMemory(FacePreprocessor.ToFace(photo, box))).[0] then
            failwith "three ways, several answers"
        Console.WriteLine(JsonSerializer.Serialize scores)
        """;
}
