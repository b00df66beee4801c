using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace MlNetEmotion.Detector.Serving;

/// <summary>Still pictures in, answers out.</summary>
internal static class FaceEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, ServeLimits limits)
    {
        Map(routes, limits, "/api/faces", FindAsync)
            .WithSummary("Find the faces in a picture, and say what each shows")
            .WithDescription("The body is the picture (JPEG, PNG, WebP, BMP, GIF, TIFF, JPEG 2000, PNM), or a form (multipart/form-data) with it as the only file, in the field `image`. It may be compressed (`Content-Encoding`: gzip, br, deflate).");
        Map(routes, limits, "/api/emotions", ScoreAsync)
            .WithSummary("Say what a face shows")
            .WithDescription("As `/api/faces`, for a picture that was cropped to a face, from the brows to the chin: no face is looked for.");
    }

    private static RouteHandlerBuilder Map(IEndpointRouteBuilder routes, ServeLimits limits, string path, Delegate answer) =>
        routes.MapPost(path, answer)
            .WithMetadata(new TakesPicture(), new RequestSizeLimitAttribute(ServeLimits.Bytes(limits.PictureMegabytes)))
            .RequireRateLimiting(RateLimits.Pictures)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .WithTags("Pictures")
            .TakesFile(PictureBodies.Field);

    private static async Task<Results<Ok<FacesAnswer>, ProblemHttpResult>> FindAsync(HttpContext context, Recognizer recognizer)
    {
        try
        {
            return TypedResults.Ok(await recognizer.RecognizeAsync(PictureBody.Of(context), Search.Still, context.RequestAborted));
        }
        catch (InvalidDataException e)
        {
            return Unusable(context, e.Message);
        }
    }

    private static async Task<Results<Ok<EmotionsAnswer>, ProblemHttpResult>> ScoreAsync(HttpContext context, Recognizer recognizer)
    {
        try
        {
            FacesAnswer answer = await recognizer.RecognizeAsync(PictureBody.Of(context), Search.Cropped, context.RequestAborted);
            return TypedResults.Ok(EmotionsAnswer.Of(answer.Faces[0], answer.Remark));
        }
        catch (InvalidDataException e)
        {
            return Unusable(context, e.Message);
        }
    }

    private static ProblemHttpResult Unusable(HttpContext context, string why) =>
        TextBody.Describe(PictureBody.Of(context).Span, context.Request.ContentType) is { } text ? Problem.NoFile(text, "picture", PictureBodies.Field) : Problem.Unusable(why);
}
