using System.CommandLine;
using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Smoothing;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Reports;
using OpenCvSharp;
using SkiaSharp;

namespace MlNetEmotion.Benchmarks;

/// <summary>One table of the errors by group, from what needs no new labels.</summary>
internal sealed class Groups
{
    private const int FewNeutral = 20;
    private const int ShownOnSheet = 36;

    private readonly FaceDataset faces;
    private readonly Model model;
    private readonly Answers plain;
    private readonly int[] all;
    private readonly int[] voted;
    private readonly int[] found;
    private readonly FaceLandmarks[] points;    // in the frame's pixels

    private Groups(Options options, Model model)
    {
        (this.model, faces) = (model, options.Load());
        Finding[] findings = Finding.Of(faces, options.Seed, [FaceDetectorKind.YuNet], [])[0];
        all = [.. Enumerable.Range(0, faces.Count)];
        voted = [.. all.Where(i => faces.Votes![i]?.Shares is not null)];
        found = [.. all.Where(i => findings[i].Box is not null)];
        points = [.. findings.Select(face => face.Landmarks?.Moved(face.Frame, new Box(0, 0, FacePreprocessor.Size, FacePreprocessor.Size)) ?? default)];
        plain = model.Score(faces);
    }

    public static int Run(Options options, InvocationConfiguration console, CancellationToken stop)
    {
        using var model = new Model(options.Model);
        var groups = new Groups(options, model);
        Console.WriteLine("| faces | number | agreement with the majority | shown as uncertain | neutral called Happy | right by label |\n| --- | --- | --- | --- | --- | --- |");
        Row("all", groups.plain);
        groups.ByVotes();
        groups.BySize();
        groups.ByLight();
        groups.ByPose();
        groups.WithDrawings(options.Sheet);
        Console.WriteLine($"\nThe pose is that of YuNet's points, at which glasses and masks are drawn: YuNet found {groups.found.Length} of {groups.faces.Count} faces in a larger picture.");
        return ExitCodes.Success;
    }

    private void ByVotes()
    {
        Quarters(voted, i => faces.Votes![i]!.Entropy, [.. VoteMetrics.QuartileNames]);
        Enum.GetValues<Emotion>().ToList().ForEach(emotion => Only(voted, $"most people say {emotion}", i => faces.Votes![i]!.Majority() == emotion));
    }

    private void BySize()
    {
        foreach (int side in new[] { 32, 24, 16, 12 })
        {
            Row($"{side} pixels wide", Changed(all, i => Small(faces.Face(i).ToArray(), side)));
        }
    }

    private void ByLight()
    {
        Quarters(all, i => faces.Face(i).ToArray().Average(gray => gray), "the darkest quarter", "the darker quarter", "the brighter quarter", "the brightest quarter");
        foreach (double factor in new[] { 0.15, 0.05, 0.02 })
        {
            Row($"darkened to {100 * factor:0} % of the light", Changed(all, i => [.. faces.Face(i).ToArray().Select(gray => (byte)Math.Round(gray * factor))]));
        }
    }

    private void ByPose()
    {
        HeadPose[] poses = [.. points.Select(point => HeadPose.Of(point) ?? default)];
        Only(found, "turned aside by less than 10°", i => Math.Abs(poses[i].Yaw) < 10);
        Only(found, "turned aside by 10 to 25°", i => Math.Abs(poses[i].Yaw) is >= 10 and <= 25);
        Only(found, "turned aside by more than 25°", i => Math.Abs(poses[i].Yaw) > 25);
        Only(found, "turned down by more than 10°", i => poses[i].Pitch < -10);
        Only(found, "turned up by more than 10°", i => poses[i].Pitch > 10);
        Row("not found by YuNet in a larger picture", plain.Of([.. all.Except(found)]));
        Row("found by it", plain.Of(found));
    }

    private void WithDrawings(string? sheet)
    {
        (string Name, Action<SKCanvas, SKPoint, SKPoint> Draw)[] drawings = [("glasses", Drawing.Glasses), ("dark glasses", Drawing.DarkGlasses), ("a mask", Drawing.Mask)];
        Answers[] answers = [.. drawings.Select(drawing => Changed(found, i => Drawing.On(faces.Face(i), points[i], drawing.Draw)))];
        answers.Index().ToList().ForEach(drawn => Row($"the same with {drawings[drawn.Index].Name} drawn on", drawn.Item));
        if (sheet is not null)
        {
            File.WriteAllBytes(sheet, ContactSheet.ToPng([.. answers.Select(drawn => drawn.Some(ShownOnSheet))]));
        }
    }

    private void Only(int[] rows, string name, Func<int, bool> isPart) => Row(name, plain.Of([.. rows.Where(isPart)]));

    private void Quarters(int[] rows, Func<int, double> by, params string[] names)
    {
        int[] sorted = [.. rows.OrderBy(by)];
        names.Index().ToList().ForEach(quarter => Row(quarter.Item, plain.Of(sorted[(sorted.Length * quarter.Index / 4)..(sorted.Length * (quarter.Index + 1) / 4)])));
    }

    private Answers Changed(int[] rows, Func<int, byte[]> change) => model.Score(faces.Select(rows).WithPixels([.. rows.SelectMany(change)]));

    private static void Row(string name, Answers answers)
    {
        VoteMetrics? votes = VoteMetrics.Measure(answers.Probabilities, answers.Faces);
        double threshold = new SmoothingOptions().UncertainBelow;
        bool[] uncertain = [.. answers.Probabilities.Chunk(Emotions.Count).Select(scores => scores.Max() < threshold)];
        Console.WriteLine($"| {name} | {answers.Faces.Count:n0}"
            + $" | {(votes is null ? "–" : $"{100 * votes.Agreement:0.0} % ({100 * votes.ConfidenceInterval95[0]:0.0} to {100 * votes.ConfidenceInterval95[1]:0.0})")} | {Answers.Share(uncertain)}"
            + $" | {(votes is { NeutralSamples: >= FewNeutral, NeutralCalledHappy: { } happy } ? $"{100 * happy:0.0} % of {votes.NeutralSamples}" : "–")}"
            + $" | {(answers.Labels is null ? "–" : Answers.Share(answers.AreLabelled(answers.Labels)))} |");
    }

    private static byte[] Small(byte[] face, int side)
    {
        using Mat original = Mat.FromPixelData(48, 48, MatType.CV_8UC1, face);
        using Mat small = new();
        Cv2.Resize(original, small, new Size(side, side), 0, 0, InterpolationFlags.Area);
        small.GetArray(out byte[] pixels);
        var crop = new byte[FacePreprocessor.PixelCount];
        FacePreprocessor.ToFace(new ImageView(pixels, side, side, PixelFormat.Gray8), crop);
        return crop;
    }
}
