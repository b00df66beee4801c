using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MlNetEmotion.Detector.Serving;

/// <summary>Closes a connection that has had no request for <see cref="IdleTimeout"/>: gracefully first, then by aborting it if the head of a request never
/// ends. Kestrel's own timeouts would also count time during which the process was suspended, and close connections whose requests wait to be read.
/// Thread-safe.</summary>
internal sealed class IdleConnection : IDisposable
{
    /// <summary>Kestrel's default for <c>KeepAliveTimeout</c>.</summary>
    public static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(130);

    private static readonly TimeSpan GracePeriod = TimeSpan.FromSeconds(5);

    private readonly Action close;
    private readonly Action abort;
    private readonly Lock gate = new();
    private readonly ITimer timer;
    private int requests;
    private bool isClosing;

    /// <param name="close">Closes the connection gracefully, if no request has begun.</param>
    /// <param name="abort">Closes the connection in any case.</param>
    public IdleConnection(TimeProvider clock, Action close, Action abort)
    {
        (this.close, this.abort) = (close, abort);
        timer = clock.CreateTimer(_ => CloseIfIdle(), state: null, IdleTimeout, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Applies the timeout to all connections of an endpoint.</summary>
    public static void Watch(ListenOptions endpoint) => endpoint.Use(next => async connection =>
    {
        using var idle = new IdleConnection(
            RunningTime.Clock, () => connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose(),
            () => connection.Abort(new ConnectionAbortedException("no request")));
        connection.Features.Set(idle);
        await next(connection);
    });

    /// <summary>Middleware that keeps the connection open while a request is in progress.</summary>
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
                timer.Change(IdleTimeout, Timeout.InfiniteTimeSpan);
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
            timer.Change(isFirst ? GracePeriod : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        (isFirst ? close : abort)();
    }
}
