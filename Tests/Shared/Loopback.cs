using System.Net;
using System.Net.Sockets;

namespace MlNetEmotion.Tests.Shared;

/// <summary>This machine's own network.</summary>
internal static class Loopback
{
    /// <summary>A port that is free at the moment.</summary>
    public static int FreePort()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        return ((IPEndPoint)free.LocalEndpoint).Port;
    }
}
