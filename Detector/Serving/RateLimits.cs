using Microsoft.AspNetCore.RateLimiting;

namespace MlNetEmotion.Detector.Serving;

/// <summary>Concurrency limits for images and streams, by ASP.NET Core's rate limiter.</summary>
internal static class RateLimits
{
    public const string Images = "images";
    public const string Streams = "streams";

    /// <summary>The error message while the limits are reached.</summary>
    public const string Busy = "the server is busy with the maximum number of requests; try again a little later";

    public static void Add(IServiceCollection services, ServeLimits limits) => services.AddRateLimiter(options =>
    {
        options.AddConcurrencyLimiter(Images, images => (images.PermitLimit, images.QueueLimit) = (limits.Requests, limits.Queue));
        options.AddConcurrencyLimiter(Streams, streams => (streams.PermitLimit, streams.QueueLimit) = (limits.Streams, 0));
        options.OnRejected = static async (rejected, _) => await Problem.Busy(rejected.HttpContext, Busy).ExecuteAsync(rejected.HttpContext);
    });
}
