using System.Text;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Programs.Samples;
using OpenCvSharp;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Serving;

/// <summary>Images and forms with random damage, from a fixed seed: every request gets a response, and the server stays up.</summary>
[Trait("Speed", "slow")]
public sealed class HostileInputTests
{
    private const int Senders = 8;
    private const string Boundary = "----boundary";

    private static readonly int[] Expected = [200, 400, 413, 422];

    private static readonly byte[] Face = SampleFaces.Draw(seed: 5, index: 0);

    [Fact]
    public async Task Bodies_TenThousandDamaged_AreAllAnswered()
    {
        using ServerProcess server = await ServerProcess.Start(settings: ["Limits__Megapixels=2", "Limits__PictureMegabytes=1"]);
        (_, var before) = await server.Post("/api/emotions", Upload.Pgm(Face));
        byte[][] images = [.. new[] { ".jpg", ".png", ".webp", ".bmp", ".tif", ".pgm" }.Select(Encode)];

        int[][] statuses = await Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => SendAll(server, images, new Random(sender), 10_000 / Senders)));

        Assert.Empty(statuses.SelectMany(all => all).Except(Expected));
        Assert.Equal(10_000, statuses.Sum(all => all.Length));
        Assert.True(statuses.Sum(all => all.Count(status => status == 200)) > 500, "too few that can be decoded to be a trial of what comes after");
        Assert.True(statuses.Sum(all => all.Count(status => status == 422)) > 2000, "too few that are damaged");
        (_, var after) = await server.Post("/api/emotions", Upload.Pgm(Face));
        Assert.Equal(before.GetRawText(), after.GetRawText());
        Assert.InRange(server.PeakMemory, 0, 900_000_000);
        server.Stop();
        Assert.Equal(0, (await server.Exit()).ExitCode);
    }

    private static async Task<int[]> SendAll(ServerProcess server, byte[][] images, Random random, int count)
    {
        var statuses = new int[count];
        for (int i = 0; i < count; i++)
        {
            byte[] image = images[random.Next(images.Length)];
            bool isForm = random.Next(4) == 0;
            byte[] body = Damage(isForm ? Form(image) : image, random);
            using var content = new ByteArrayContent(body);
            if (isForm)
            {
                content.Headers.TryAddWithoutValidation("Content-Type", $"multipart/form-data; boundary={Boundary}");
            }

            using HttpResponseMessage response = await server.Client.PostAsync(random.Next(8) == 0 ? "/api/faces" : "/api/emotions", content, TestContext.Current.CancellationToken);
            statuses[i] = (int)response.StatusCode;
        }

        return statuses;
    }

    private static byte[] Damage(byte[] whole, Random random)
    {
        byte[] damaged = [.. whole];
        int beginning = Math.Min(damaged.Length, 200);    // damage in headers has the most effect
        for (int i = random.Next(1, 6); i > 0; i--)
        {
            int at = random.Next(random.Next(2) == 0 ? beginning : damaged.Length);
            damaged[at] = random.Next(3) switch { 0 => (byte)random.Next(256), 1 => (byte)(damaged[at] ^ (1 << random.Next(8))), _ => 0xFF };
        }

        return random.Next(6) switch
        {
            0 => damaged[..random.Next(damaged.Length)],
            1 => [.. damaged[..(damaged.Length / 2)], .. damaged[(damaged.Length / 3)..]],
            _ => damaged,
        };
    }

    private static byte[] Form(byte[] image) =>
    [
        .. Encoding.ASCII.GetBytes($"--{Boundary}\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n"),
        .. image,
        .. Encoding.ASCII.GetBytes($"\r\n--{Boundary}--\r\n"),
    ];

    private static byte[] Encode(string ending)
    {
        using var frame = Frame.FromPixels(new ImageView(Face, 48, 48, PixelFormat.Gray8));
        Cv2.ImEncode(ending, frame.Mat, out byte[] file);
        Assert.NotEmpty(file);
        return file;
    }
}
