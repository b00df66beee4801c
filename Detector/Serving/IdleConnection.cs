using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MlNetEmotion.Detector.Serving;

/// <summary>Closes a connection without a request for a while: in order if none has begun, by force if a request's head does not end. Kestrel's own
/// time-outs would also count time during which the process was stopped, and close connections whose requests wait to be read. Thread-safe.</summary>
internal sealed class IdleConnection : IDisposable
{
    /// <summary>Kestrel's own default for connections that are kept open.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(130);

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly Action close;
    private readonly Action abort;
    private readonly Lock gate = new();
    private readonly ITimer timer;
    private int requests;
    private bool isClosing;

    /// <param name="close">Closes it in order, if no request has begun.</param>
    /// <param name="abort">Closes it in any case.</param>
    public IdleConnection(TimeProvider clock, Action close, Action abort)
    {
        (this.close, this.abort) = (close, abort);
        timer = clock.CreateTimer(_ => CloseIfIdle(), state: null, Patience, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Watches all connections of an endpoint, in place of Kestrel.</summary>
    public static void Watch(ListenOptions endpoint) => endpoint.Use(next => async connection =>
    {
        using var idle = new IdleConnection(
            RunningTime.Clock, () => connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose(),
            () => connection.Abort(new ConnectionAbortedException("no request")));
        connection.Features.Set(idle);
        await next(connection);
    });

    /// <summary>Leaves a request's connection open while it is being answered.</summary>
    public static async Task KeepAsync(HttpContext context, RequestDelegate next)
    {
        IdleConnection? idle = context.Features.Get<IdleConnection>();
        idle?.Begin();
        try
        {
            await next(context);
        }
        finally
        {
            idle?.End();
        }
    }

    public void Begin()
    {
        lock (gate)
        {
            if (++requests == 1)
            {
                timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }
    }

    public void End()
    {
        lock (gate)
        {
            if (--requests == 0)
            {
                timer.Change(Patience, Timeout.InfiniteTimeSpan);
            }
        }
    }

    public void Dispose() => timer.Dispose();

    private void CloseIfIdle()
    {
        bool isFirst;
        lock (gate)
        {
            if (requests > 0)
            {
                return;
            }

            (isFirst, isClosing) = (!isClosing, true);
            timer.Change(isFirst ? Grace : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        (isFirst ? close : abort)();
    }
}
