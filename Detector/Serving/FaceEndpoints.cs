using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace MlNetEmotion.Detector.Serving;

/// <summary>The endpoints for still images: <c>/api/faces</c> and <c>/api/emotions</c>.</summary>
internal static class FaceEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, ServeLimits limits)
    {
        Map(routes, limits, "/api/faces", FindAsync)
            .WithName("findFaces")
            .WithExample(ApiExamples.Faces)
            .WithSummary("Find the faces in an image and score the emotion of each")
            .WithDescription("The body is the image (JPEG, PNG, WebP, BMP, GIF, TIFF, PNM), or a form (multipart/form-data) with it as the only file, in the field `image`. It may be compressed (`Content-Encoding`: gzip, br, deflate).");
        Map(routes, limits, "/api/emotions", ScoreAsync)
            .WithName("scoreFace")
            .WithExample(ApiExamples.Emotions)
            .WithSummary("Score the emotion of a cropped face")
            .WithDescription("As `/api/faces`, but without detection: the whole image is one face, cropped from the brows to the chin.");
    }

    private static RouteHandlerBuilder Map(IEndpointRouteBuilder routes, ServeLimits limits, string path, Delegate handler) =>
        routes.MapPost(path, handler)
            .WithMetadata(new TakesImage(), new RequestSizeLimitAttribute(ServeLimits.Bytes(limits.PictureMegabytes)))
            .RequireRateLimiting(RateLimits.Images)
            .AddEndpointFilter(RefuseUnusableAsync)
            .RefusesFiles()
            .WithTags(ApiTags.Images)
            .TakesFile(ImageBodies.Field, ApiExamples.Image);

    private static async Task<Ok<FacesResponse>> FindAsync(HttpContext context, Recognizer recognizer) =>
        TypedResults.Ok(await recognizer.RecognizeAsync(ImageBody.Of(context), Search.Still, context.RequestAborted));

    private static async Task<Ok<EmotionsResponse>> ScoreAsync(HttpContext context, Recognizer recognizer)
    {
        FacesResponse response = await recognizer.RecognizeAsync(ImageBody.Of(context), Search.Cropped, context.RequestAborted);
        return TypedResults.Ok(EmotionsResponse.Of(response.Faces[0], response.Remark));
    }

    private static async ValueTask<object?> RefuseUnusableAsync(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        try
        {
            return await next(call);
        }
        catch (InvalidDataException e)
        {
            HttpContext context = call.HttpContext;
            return TextBody.Describe(ImageBody.Of(context).Span, context.Request.ContentType) is { } text
                ? Problem.UnexpectedText(text, "image", ImageBodies.Field) : Problem.Unusable(e.Message);
        }
    }
}
