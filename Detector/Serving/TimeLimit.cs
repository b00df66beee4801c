namespace MlNetEmotion.Detector.Serving;

/// <summary>The time limit of an endpoint's requests, including the time to send them. ASP.NET Core's request timeouts would also count time during which the
/// process was suspended.</summary>
/// <param name="Seconds">Null for no limit.</param>
internal sealed record TimeLimit(int? Seconds)
{
    public static TimeLimit None { get; } = new((int?)null);

    public static async Task KeepAsync(HttpContext context, RequestDelegate next, int defaultSeconds)
    {
        TimeLimit limit = context.GetEndpoint()?.Metadata.GetMetadata<TimeLimit>() ?? new TimeLimit(defaultSeconds);
        if (limit.Seconds is not { } seconds)
        {
            await next(context);
            return;
        }

        CancellationToken aborted = context.RequestAborted;
        using var time = new CancellationTokenSource(TimeSpan.FromSeconds(seconds), RunningTime.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(aborted, time.Token);
        context.RequestAborted = either.Token;
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (time.IsCancellationRequested && !aborted.IsCancellationRequested && !context.Response.HasStarted)
        {
            context.RequestAborted = aborted;
            context.Response.Clear();
            await Problem.Busy(context, $"not done within {seconds} s", StatusCodes.Status503ServiceUnavailable).ExecuteAsync(context);
        }
        finally
        {
            context.RequestAborted = aborted;
        }
    }
}

/// <summary>HEAD requests, which get the response of GET without its body; Kestrel omits the body.</summary>
internal sealed class HeadRequest
{
    /// <summary>Middleware that routes HEAD requests to the GET endpoints.</summary>
    public static Task AnswerAsGet(HttpContext context, RequestDelegate next)
    {
        if (HttpMethods.IsHead(context.Request.Method))
        {
            context.Request.Method = HttpMethods.Get;
            context.Features.Set(new HeadRequest());
        }

        return next(context);
    }

    /// <summary>Whether the request is a HEAD request, so that an endpoint can skip a body that takes long.</summary>
    public static bool Is(HttpContext context) => context.Features.Get<HeadRequest>() is not null;
}
