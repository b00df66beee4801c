using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;
using MlNetEmotion.Detector.Display;
using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Detector.Running;
using MlNetEmotion.Detector.Scoring;

namespace MlNetEmotion.Detector.Serving;

/// <summary>The description of the models in use, and their files for a page that scores in the browser.</summary>
internal static class ModelEndpoints
{
    private const string ModelUrl = "/models/emotion.onnx";
    private const string FaceModelUrl = "/models/yunet.onnx";

    public static void Map(IEndpointRouteBuilder routes, RecognitionOptions options, Recognizer recognizer, string webRoot)
    {
        byte[]? emotion = recognizer.Model.Metadata is null ? null : EmotionModels.Read(options.Model);    // null for a pipeline
        byte[]? yunet = options.IsYuNet ? options.ReadFaceModel() : null;
        ModelResponse response = Describe(options, recognizer.Model.Metadata ?? new ModelMetadata(), emotion, yunet, webRoot);
        routes.MapGet("/api/model", (HttpRequest request) => response.Under(request.PathBase))
            .WithName("getModel")
            .WithExample(response)
            .Refuses()
            .WithSummary("The emotion model and the face detector in use")
            .WithTags(ApiTags.Model);
        MapFile(routes, ModelUrl, emotion);
        MapFile(routes, FaceModelUrl, yunet);
    }

    private static ModelResponse Describe(RecognitionOptions options, ModelMetadata metadata, byte[]? emotion, byte[]? yunet, string webRoot) => new(
        Path.GetFileName(options.Model) ?? "emotion.onnx", emotion is null ? null : Sha256(emotion), metadata.Network, metadata.Version, metadata.Figures,
        [.. Emotions.Labels.Select((label, i) => new EmotionResponse(label, $"#{EmotionColors.Of((Emotion)i):x6}"))],
        $"#{EmotionColors.Uncertain:x6}",
        options.UncertainBelow, options.MinFacePixels,
        options.DetectWidthOf(areStills: false), options.DetectWidthOf(areStills: true),
        yunet is not null ? new FaceDetectorResponse("yunet", FaceModelUrl) : new FaceDetectorResponse(options.FaceDetector == FaceDetectorKind.Lbp ? "lbp" : "haar", null),
        emotion is null ? null : ModelUrl,
        options.Doubts,
        emotion is not null && Directory.Exists(Path.Combine(webRoot, "ort")),
        ProductVersion.Current);

    private static void MapFile(IEndpointRouteBuilder routes, string url, byte[]? file)
    {
        if (file is not null)
        {
            var tag = new EntityTagHeaderValue($"\"{Sha256(file)}\"");
            routes.MapGet(url, () => TypedResults.Bytes(file, "application/octet-stream", entityTag: tag)).ExcludeFromDescription();
        }
    }

    private static string Sha256(byte[] file) => Convert.ToHexStringLower(SHA256.HashData(file));
}
