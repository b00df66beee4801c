using System.CommandLine;
using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Running;
using MlNetEmotion.Detector.Sessions;
using MlNetEmotion.Faces;

namespace MlNetEmotion.Detector;

/// <summary>The options of <c>Detector collect</c>.</summary>
internal sealed record CollectOptions
{
    [Setting("Sessions that the page saved, with corrections.", Name = "sessions", Value = "SESSION.zip", Required = true)] public string[] Sessions { get; init; } = [];
    [Setting("The folder that receives train/<class>/*.png and validation/<class>/*.png, as 'Trainer train --data' reads them.", Alias = "-o", Value = "DIR", Required = true)] public string Output { get; init; } = "";
    [Setting("The recording of a session that has no video, with the times of its events.", Value = "VIDEO")] public string? Video { get; init; }
    [Setting("Cut out a face up to so many times per second.", Min = 0.1, Max = 100)] public double PerSecond { get; init; } = 4;
    [Setting("Write into a folder that is not empty: faces that were collected there before are deleted, other files stay.")] public bool Force { get; init; }
}

/// <summary><c>Detector collect</c>: cuts the faces of corrected spans out of sessions, for training.</summary>
internal static class CollectCommand
{
    private const int HashDigits = 12;
    private const string Train = "train";
    private const string Validation = "validation";

    public static Command Create() => new CommandOptions<CollectOptions>().AddTo(
        new Command("collect", "Cut the faces of corrected spans out of sessions, as folders of classes for 'Trainer train'. No person is in both training and validation, if the same person's faces have the same name."),
        (options, _, stop) => Run(options, Console.Out.WriteLine, Console.Error.WriteLine, stop));

    private static int Run(CollectOptions options, Action<string> writeLine, Action<string> warn, CancellationToken stop)
    {
        Session[] sessions = Read(options, warn);
        IReadOnlySet<Session> validation = SessionSplit.Validation(sessions);
        OpenCvLibrary.Load();
        using IFaceDetector detector = FaceDetectors.Load(FaceDetectorKind.YuNet, options: new FaceDetectorOptions { MinFacePixels = RecognitionOptions.MinFacePixelsFloor });
        var collector = new FaceCollector(detector, options.PerSecond, warn);
        (Session Session, CollectedFaces Found)[] collected = [.. sessions.Select(session => (session, Collect(session, options.Video, collector, stop)))];
        int count = collected.Sum(item => item.Found.Faces.Count);
        if (count == 0)
        {
            throw new UsageException("no face to collect: no corrected span has one. Correct some spans on the page, or leave fewer out.");
        }

        Write(options.Output, collected, validation);
        foreach ((Session session, CollectedFaces found) in collected)
        {
            writeLine($"{session.Path}: {Quantity.Pluralize(found.Faces.Count, "face")} for {(validation.Contains(session) ? Validation : Train)} ({found.Similar} nearly identical and {found.NotFound} not found were left out)");
        }

        if (validation.Count == 0)
        {
            warn("no session is held out, since all may show the same people: 'Trainer evaluate' needs a session of others to say whether a new model is better.");
        }

        writeLine($"wrote {Quantity.Pluralize(count, "face")} to {options.Output}. Next: Trainer train --data {ShellQuote.Quote(options.Output)} --from onnx/emotion.onnx --rehearse");
        return ExitCodes.Success;
    }

    // All that can be checked before videos are decoded.
    private static Session[] Read(CollectOptions options, Action<string> warn)
    {
        if (File.Exists(options.Output) || (!options.Force && Directory.Exists(options.Output) && Directory.EnumerateFileSystemEntries(options.Output).Any()))
        {
            throw new UsageException($"{options.Output}: is a file, or a folder that is not empty. Name another folder with '--output', or write into it with '--force'.");
        }

        if (options.Video is { } video && (options.Sessions.Length > 1 || !File.Exists(video)))
        {
            throw new UsageException(options.Sessions.Length > 1 ? $"--video names the recording of one session, but {options.Sessions.Length} are named." : $"{video}: no such file. Name the recording of the session.");
        }

        Session[] all = [.. options.Sessions.Select(Session.Read)];
        if (all.GroupBy(session => session.Hash).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new UsageException($"{string.Join(" and ", twice.Select(session => session.Path))} are of the same recording. Name the one whose corrections are to be used.");
        }

        foreach (Session empty in all.Where(session => session.Corrections.Count == 0))
        {
            warn($"{empty.Path}: has no corrections, so no face of it is used.");
        }

        Session[] corrected = [.. all.Where(session => session.Corrections.Count > 0)];
        return corrected.FirstOrDefault(session => session.Video is null && options.Video is null) is { } blind
            ? throw new UsageException($"{blind.Path}: was saved without a video, so its faces cannot be cut out. Name its recording with '--video'.")
            : corrected;
    }

    private static CollectedFaces Collect(Session session, string? video, FaceCollector collector, CancellationToken stop)
    {
        if (video is not null)
        {
            return collector.Collect(session, video, video, stop);
        }

        DirectoryInfo folder = Directory.CreateTempSubdirectory("mlnetemotion-collect-");
        try
        {
            return collector.Collect(session, session.ExtractVideo(folder.FullName), $"{session.Path}: {session.Video}", stop);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Write(string root, (Session Session, CollectedFaces Found)[] collected, IReadOnlySet<Session> validation)
    {
        string digits = string.Concat(Enumerable.Repeat('?', HashDigits));
        foreach (string earlier in Directory.Exists(root) ? Directory.GetFiles(root, $"{digits}-*-*.png", SearchOption.AllDirectories) : [])
        {
            File.Delete(earlier);
        }

        foreach ((Session session, CollectedFaces found) in collected)
        {
            foreach (CollectedFace face in found.Faces)
            {
                string folder = Path.Combine(root, validation.Contains(session) ? Validation : Train, $"{face.Emotion}".ToLowerInvariant());
                Directory.CreateDirectory(folder);
                using Mat image = Mat.FromPixelData(FacePreprocessor.Size, FacePreprocessor.Size, MatType.CV_8UC1, face.Pixels);
                AtomicFile.Write(Path.Combine(folder, $"{session.Hash[..HashDigits]}-{face.Track}-{face.TimeMs:0}.png"), stream => stream.Write(image.ImEncode()));
            }
        }
    }
}
