using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using MlNetEmotion.Programs.Samples;

namespace MlNetEmotion.Detector.Serving;

/// <summary><c>/readyz</c>: detects and scores a generated face. Only one trial runs at a time, and its outcome is reused for a second, so that frequent
/// probes cost nothing.</summary>
internal sealed class Readiness(Recognizer recognizer, ILogger<Readiness> logger)
{
    public const string Path = "/readyz";

    private const int Side = 240;

    private static readonly Box FaceBox = new(48, 48, 144, 144);
    private static readonly TimeSpan ReusedFor = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TrialTimeout = TimeSpan.FromSeconds(10);

    private readonly byte[] image = [.. Encoding.ASCII.GetBytes($"P5\n{Side} {Side}\n255\n"), .. FaceRenderer.Render(FaceParameters.Average, Side, Side, FaceBox)];
    private readonly Lock gate = new();
    private Task<string?>? trial;
    private long endedAt;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet(Path, AnswerAsync).ExcludeFromDescription();

    /// <summary>Returns the reason why no face can be scored at the moment; null if the server is ready.</summary>
    public async Task<string?> FaultAsync(CancellationToken stop)
    {
        try
        {
            return await Latest().WaitAsync(TrialTimeout, RunningTime.Clock, stop);
        }
        catch (TimeoutException)
        {
            return $"no face was scored within {TrialTimeout.TotalSeconds:0} s";
        }
    }

    private static async Task<Results<ContentHttpResult, ProblemHttpResult>> AnswerAsync(HttpContext context, Readiness readiness) =>
        await readiness.FaultAsync(context.RequestAborted) is { } fault
            ? Problem.Busy(context, fault, StatusCodes.Status503ServiceUnavailable) : TypedResults.Text("ok");

    private Task<string?> Latest()
    {
        lock (gate)
        {
            bool isFresh = trial is { IsCompleted: false } || (trial is not null && RunningTime.Clock.GetElapsedTime(endedAt) < ReusedFor);
            return isFresh ? trial! : trial = Task.Run(TryAsync);
        }
    }

    private async Task<string?> TryAsync()
    {
        try
        {
            await recognizer.RecognizeAsync(image, Search.Still, CancellationToken.None, isCounted: false);
            FacesResponse cropped = await recognizer.RecognizeAsync(image, Search.Cropped, CancellationToken.None, isCounted: false);
            decimal sum = cropped.Faces[0].Probabilities.Values.Sum();
            return Math.Abs(sum - 1) < 0.001m ? null : $"a generated face was scored with probabilities that add up to {sum}";
        }
        catch (Exception e)
        {
            logger.NotReady(e);
            return "a generated face cannot be scored; the server's standard error has the details";
        }
        finally
        {
            lock (gate)
            {
                endedAt = RunningTime.Clock.GetTimestamp();
            }
        }
    }
}
