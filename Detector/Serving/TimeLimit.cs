using Microsoft.AspNetCore.Http;

namespace MlNetEmotion.Detector.Serving;

/// <summary>How long an endpoint's request may take, its sending included; of an endpoint without one, the default. ASP.NET Core's own request time-outs
/// would count the time in which the process was stopped, too.</summary>
/// <param name="Seconds">Null for as long as it takes.</param>
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
            await Problem.WriteBusyAsync(context, $"not done within {seconds} s", StatusCodes.Status503ServiceUnavailable);
        }
        finally
        {
            context.RequestAborted = aborted;
        }
    }
}

/// <summary>HEAD: what GET answers, without the body, which Kestrel leaves out.</summary>
internal sealed class HeadRequest
{
    private static readonly HeadRequest Mark = new();

    /// <summary>Lets the endpoints of GET answer.</summary>
    public static Task AnswerAsGet(HttpContext context, RequestDelegate next)
    {
        if (HttpMethods.IsHead(context.Request.Method))
        {
            context.Request.Method = HttpMethods.Get;
            context.Features.Set(Mark);
        }

        return next(context);
    }

    /// <summary>Whether no body is wanted, for an endpoint whose body takes long.</summary>
    public static bool Is(HttpContext context) => context.Features.Get<HeadRequest>() is not null;
}
