using MlNetEmotion.Faces;
using MlNetEmotion.Programs.Samples;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Faces;

/// <summary>The quick look at still images: it answers only where it leaves no doubt, and everywhere else the answer is the close look's, bit for bit.</summary>
public sealed class QuickLookTests : IDisposable
{
    private const int Width = 1280;
    private const int Height = 720;

    private static readonly Box Large = new(480, 200, 320, 320);
    private static readonly FaceDetectorOptions Stills = new() { DetectWidth = FaceDetectorOptions.StillDetectWidth };

    private readonly YuNet quick = YuNet.LoadDefault(Stills);
    private readonly YuNet close = YuNet.LoadDefault(Stills with { UsesQuickPass = false });

    public void Dispose()
    {
        quick.Dispose();
        close.Dispose();
    }

    [Fact]
    public void Detect_OneLargeFace_IsFoundByTheQuickLook()
    {
        byte[] image = Image(Large);

        FaceDetection face = Assert.Single(Find(quick, image)), closely = Assert.Single(Find(close, image));

        Assert.NotEqual(closely, face);
        Assert.InRange(face.Box.Iou(closely.Box), 0.85, 1);
    }

    [Theory]
    [InlineData(54, 2)]
    [InlineData(60, 2)]
    [InlineData(80, 2)]
    [InlineData(90, 2)] // 45 pixels of the smaller copy
    [InlineData(36, 1)] // smaller than wanted, and counted
    public void Detect_SmallFaceBesideALargeOne_IsLookedAtClosely(int side, int expected)
    {
        foreach ((int x, int y) in new[] { (60, 60), (301, 477), (1150, 590) })
        {
            byte[] image = Image(Large, new Box(x, y, side, side));

            FaceDetection[] faces = Find(quick, image);

            Assert.Equal(Find(close, image), faces);
            Assert.Equal(expected, faces.Length);
        }
    }

    [Fact]
    public void Detect_FaceBeyondTheNetworksSizes_IsLookedAtClosely()
    {
        byte[] image = Image(new Box(340, 60, 600, 600));    // 300 pixels of the smaller copy

        Assert.Equal(Find(close, image), Find(quick, image));
    }

    [Theory]
    [InlineData(20, 1280)] // the smaller copy would have less than 24 pixels of it
    [InlineData(35, 1280)] // it would be less than one and a half times as small
    [InlineData(48, 400)] // a video's
    public void Detect_WhereAQuickLookWouldNotDo_IsLookedAtClosely(int minFacePixels, int detectWidth)
    {
        FaceDetectorOptions options = Stills with { MinFacePixels = minFacePixels, DetectWidth = detectWidth };
        using var yunet = YuNet.LoadDefault(options);
        using var closely = YuNet.LoadDefault(options with { UsesQuickPass = false });
        byte[] image = Image(Large);

        Assert.Equal(Assert.Single(Find(closely, image)), Assert.Single(Find(yunet, image)));
    }

    [Fact]
    public void Detect_NoFace_IsNone() => Assert.Empty(Find(quick, new byte[Width * Height]));

    [Fact]
    public void Detect_Photographs_FindsTheSameFaces()
    {
        int quickly = 0;
        foreach (string name in Photograph.Names)
        {
            using var photograph = new Photograph(name);
            FaceDetection[] expected = Find(close, photograph.View), faces = Find(quick, photograph.View);

            Assert.Equal(expected.Length, faces.Length);
            Assert.All(expected, face => Assert.Contains(faces, other => other.Box.Iou(face.Box) > 0.85));
            quickly += faces.SequenceEqual(expected) ? 0 : 1;
        }

        Assert.InRange(quickly, 8, 15);
    }

    [Theory]
    [InlineData(1, 48, 6)] // the smallest of the six is 104 pixels wide
    [InlineData(0.2, 10, 6)]
    [InlineData(0.2, 48, 1)] // the largest is 67 pixels wide
    public void Detect_GroupPhotographMadeSmaller_FindsItsSixFaces(double scale, int minFacePixels, int expected)
    {
        using var photograph = new Photograph("selfie-many-people.jpg");
        using Photograph small = photograph.Resized(scale);
        using var yunet = YuNet.LoadDefault(Stills with { MinFacePixels = minFacePixels });

        Assert.Equal(expected, Find(yunet, small.View).Length);
    }

    private static byte[] Image(Box large, params Box[] others)
    {
        byte[] image = FaceRenderer.Render(FaceParameters.Average, Width, Height, large);
        foreach (Box other in others)
        {
            byte[] second = FaceRenderer.Render(FaceParameters.Average, Width, Height, other);
            int beyond = other.Width / 3;
            for (int y = other.Y - beyond; y < other.Y + other.Height + beyond; y++)
            {
                Array.Copy(second, (y * Width) + other.X - beyond, image, (y * Width) + other.X - beyond, other.Width + (2 * beyond));
            }
        }

        return image;
    }

    private static FaceDetection[] Find(YuNet yunet, byte[] image) => Find(yunet, new ImageView(image, Width, Height, PixelFormat.Gray8));

    private static FaceDetection[] Find(YuNet yunet, ImageView image)
    {
        var faces = new List<FaceDetection>();
        yunet.Detect(image, faces);
        return [.. faces.Where(face => face.Score >= FaceDetection.HighScoreThreshold)];
    }
}
