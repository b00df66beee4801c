using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Running;
using MlNetEmotion.Detector.Scoring;
using MlNetEmotion.Detector.Serving;
using MlNetEmotion.Detector.Sources;
using Xunit;
using TemporaryFolder = MlNetEmotion.Tests.Trainer.Data.TemporaryFolder;

namespace MlNetEmotion.Tests.Detector.Serving;

/// <summary>Outcomes of video jobs if files cannot be deleted or limits are reached.</summary>
public sealed class VideoJobTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<string> reports = [];

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task End_FileThatCannotBeDeleted_EndsTheJobAllTheSame()
    {
        var files = new UploadFiles(reports.Add);
        var job = new VideoJob(folder.Root, files);
        Directory.CreateDirectory(job.VideoPath);    // a folder: neither deletable as a file nor a video

        job.Run(Options, new ServeLimits(), new NoModel());

        await job.Completion.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Equal(VideoState.Failed, job.Response.State);
        Assert.NotNull(job.CompletedAt);
        Assert.StartsWith($"{job.VideoPath}: cannot be deleted (", Assert.Single(reports), StringComparison.Ordinal);

        job.Dispose();
        Assert.Single(reports);    // once each
        Directory.Delete(job.VideoPath);
        File.WriteAllText(job.VideoPath, "");
        files.Retry();
        Assert.False(File.Exists(job.VideoPath));
    }

    [Fact]
    public void Response_OfManyMessages_KeepsTheFirst()
    {
        using var job = new VideoJob(folder.Root, new UploadFiles(reports.Add));
        string[] messages = ["first", new string('x', 1000), "one more"];
        Array.ForEach(messages, job.End);

        Assert.Equal($"first {messages[1]}", job.Response.Message);
    }

    [Fact]
    public async Task Start_OfAVideoWhoseFileCannotBeDeleted_LetsTheNextRun()
    {
        using var jobs = new VideoJobs(Options, new ServeLimits { Videos = 1 }, new NoModel(), folder.Root);
        VideoJob first = jobs.Create();
        Directory.CreateDirectory(first.VideoPath);
        VideoJob second = jobs.Create();

        Assert.True(jobs.TryStart(first));
        await first.Completion.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        Assert.True(jobs.TryStart(second));
        await second.Completion.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Null(jobs.Find(first.Id));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(600, false)]
    public async Task Start_OfANextVideo_ForgetsThoseKeptForTooLong(int keptSeconds, bool isForgotten)
    {
        using var jobs = new VideoJobs(Options, new ServeLimits { Videos = 3, VideoKeptSeconds = keptSeconds }, new NoModel(), folder.Root);
        VideoJob first = jobs.Create();
        Assert.True(jobs.TryStart(first));
        await first.Completion.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        Assert.True(jobs.TryStart(jobs.Create()));

        Assert.Equal(isForgotten, jobs.Find(first.Id) is null);
    }

    [Theory]
    [InlineData(5, 600, 5, "ended at the limit of 5 frames, after 5 frames; the rest of the video was left out")]
    [InlineData(20, 600, 20, null)]
    [InlineData(100, 0, 0, "ended at the limit of 0 s of work, after 0 frames; the rest of the video was left out")]
    public void Read_UpToALimit_EndsThereAndSaysSo(int frames, int seconds, int expected, string? limit)
    {
        using var source = new LimitedVideo(new Frames(20), "name", Path.Combine(folder.Root, "none"), new ServeLimits { VideoFrames = frames, VideoSeconds = seconds });
        using var frame = new Frame();
        int read = 0;

        while (source.Read(frame, out _))
        {
            read++;
        }

        Assert.Equal((expected, limit), (read, source.Limit));
    }

    [Fact]
    public void Read_MoreEventsThanAllowed_EndsThereAndSaysSo()
    {
        string events = Path.Combine(folder.Root, "events");
        using var source = new LimitedVideo(new Frames(20), "name", events, new ServeLimits { VideoMegabytes = 1 });
        using var frame = new Frame();
        File.WriteAllBytes(events, new byte[250_000]);
        Assert.True(source.Read(frame, out _));
        File.WriteAllBytes(events, new byte[250_001]);

        Assert.False(source.Read(frame, out _));
        Assert.Equal("ended at the limit of 250000 bytes of events, after 1 frame; the rest of the video was left out", source.Limit);
    }

    [Fact]
    public void Uploads_AllPlacesTaken_TheSlowestMakesPlace()
    {
        var time = new ManualTime();
        var uploads = new VideoUploads(new ServeLimits { VideoUploads = 3, VideoMegabytes = 6, VideoUploadSeconds = 60 }, time);    // uploads below 100,000 bytes/s are slow
        using VideoUpload? fast = uploads.TryBegin(CancellationToken.None);
        using VideoUpload? slow = uploads.TryBegin(CancellationToken.None);
        using VideoUpload? slowest = uploads.TryBegin(CancellationToken.None);
        time.Run(5000);
        Assert.Null(uploads.TryBegin(CancellationToken.None));    // all are within their first five seconds
        time.Run(5000);
        fast!.Count(1_000_000);
        slow!.Count(999_999);
        slowest!.Count(999_998);

        using VideoUpload? next = uploads.TryBegin(CancellationToken.None);
        Assert.Equal((false, false, true), (fast.IsEvicted, slow.IsEvicted, slowest.IsEvicted));
        Assert.True(slowest.Stopped.IsCancellationRequested);

        using VideoUpload? last = uploads.TryBegin(CancellationToken.None);
        Assert.Equal((false, true), (fast.IsEvicted, slow.IsEvicted));
        Assert.NotNull(last);
        Assert.Null(uploads.TryBegin(CancellationToken.None));    // one is fast enough, two are new

        fast.Dispose();
        using VideoUpload? free = uploads.TryBegin(CancellationToken.None);
        Assert.NotNull(free);
    }

    private static RecognitionOptions Options => new() { NamedDetector = "haar", UncertainBelow = 0 };

    private sealed class NoModel : IEmotionModel
    {
        public void Score(ReadOnlySpan<byte> faces, Span<EmotionScores> scores) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }

    private sealed class Frames(int count) : IFrameSource
    {
        private int read;

        public string Name => "path";
        public double FramesPerSecond => 25;
        public bool IsLive => false;

        public bool Read(Frame frame, out TimeSpan timestamp)
        {
            timestamp = TimeSpan.Zero;
            return read++ < count;
        }

        public void Dispose()
        {
        }
    }
}
