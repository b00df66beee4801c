using System.CommandLine;
using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Reports;

namespace MlNetEmotion.Benchmarks;

/// <summary>Faces set into larger pictures, found, cut and scored, beside FER2013's own frame.</summary>
internal static class Photograph
{
    private const int ShownOnSheet = 24;

    // "Cropped" stands for FER2013's frame in the picture.
    private static readonly FaceDetectorKind[] Kinds = [FaceDetectorKind.Cropped, FaceDetectorKind.YuNet, FaceDetectorKind.Haar];
    private static readonly int[] Detectors = [1, 2];
    private static readonly (double From, double To)[] Sides = [(0, 0.85), (0.85, 1), (1, 1.15), (1.15, double.PositiveInfinity)];
    private static readonly (double Scale, double Down)[] OtherBoxes = [(0.9, 0), (1.1, 0), (1.2, 0), (1, -0.04), (1, 0.04), (1, 0.08), (1.1, 0.04)];

    public static int Run(Options options, InvocationConfiguration console, CancellationToken stop)
    {
        FaceDataset all = options.Load();
        FaceDataset faces = all.Select([.. Enumerable.Range(0, all.Count).Where(i => all.Votes![i]?.Majority() is not null)]);
        Finding[][] findings = Finding.Of(faces, options.Seed, Kinds, options.Boxes ? [(1, 0), .. OtherBoxes] : [(1, 0)]);
        using var model = new Model(options.Model);
        Answers frames = model.Score(faces);
        Answers[] answers = [.. findings.Select(found => model.Score(Cut(faces, found, box: 0)))];
        Answers[] byFrame = [.. findings.Select(found => frames.Of(Found(found)))];
        WriteAnswers(answers, byFrame);
        WriteBoxes(findings);
        WriteBySide(findings, answers, byFrame);
        if (options.Boxes)
        {
            WriteOtherBoxes(faces, findings, model, answers);
        }

        if (options.Sheet is not null)
        {
            File.WriteAllBytes(options.Sheet, ContactSheet.ToPng([frames.Some(ShownOnSheet), .. answers.Select(cut => cut.Some(ShownOnSheet))]));
        }

        return ExitCodes.Success;
    }

    private static void WriteAnswers(Answers[] answers, Answers[] byFrame)
    {
        Console.WriteLine("| cut by | output | faces | right in the picture | right by FER2013's frame | won, lost | p |\n| --- | --- | --- | --- | --- | --- | --- |");
        for (int k = 0; k < Kinds.Length; k++)
        {
            Pair($"{Name(Kinds[k])} | `probabilities`", answers[k].AreAgreed, byFrame[k].AreAgreed);
            if (answers[k].Labels is not null)
            {
                Pair($"{Name(Kinds[k])} | `labels`", answers[k].AreLabelled(answers[k].Labels!), byFrame[k].AreLabelled(byFrame[k].Labels!));
            }
        }
    }

    private static void WriteBoxes(Finding[][] findings)
    {
        Console.WriteLine("\n| detector | found | other detections | side / frame's side | right of its centre | below its centre |\n| --- | --- | --- | --- | --- | --- |");
        foreach (int k in Detectors)
        {
            Finding[] found = [.. Found(findings[k]).Select(i => findings[k][i])];
            Console.WriteLine($"| {Name(Kinds[k])} | {found.Length:n0} of {findings[k].Length:n0} | {findings[k].Sum(face => face.Others)} | {Spread(found, Side, "0.00")}"
                + $" | {Spread(found, face => 100 * Offset(face.Box!.Value.X, face.Box!.Value.Width, face.Frame.X, face.Frame.Width), "0.0 '%'")}"
                + $" | {Spread(found, face => 100 * Offset(face.Box!.Value.Y, face.Box!.Value.Height, face.Frame.Y, face.Frame.Height), "0.0 '%'")} |");
        }
    }

    private static void WriteBySide(Finding[][] findings, Answers[] answers, Answers[] byFrame)
    {
        Console.WriteLine("\n| detector | side / frame's side | faces | agreement | by FER2013's frame | won, lost | p |\n| --- | --- | --- | --- | --- | --- | --- |");
        foreach (int k in Detectors)
        {
            (double Side, bool IsRight, bool IsRightByFrame)[] faces = [.. Found(findings[k]).Select(i => Side(findings[k][i])).Zip(answers[k].AreAgreed, byFrame[k].AreAgreed)];
            foreach ((double from, double to) in Sides)
            {
                var part = faces.Where(face => face.Side >= from && face.Side < to).ToArray();
                Pair($"{Name(Kinds[k])} | from {from:0.00}", [.. part.Select(face => face.IsRight)], [.. part.Select(face => face.IsRightByFrame)]);
            }
        }
    }

    private static void WriteOtherBoxes(FaceDataset faces, Finding[][] findings, Model model, Answers[] answers)
    {
        Console.WriteLine("\n| detector | box | faces | agreement | by the detector's box | won, lost | p |\n| --- | --- | --- | --- | --- | --- | --- |");
        foreach (int k in Detectors)
        {
            foreach ((int i, (double scale, double down)) in OtherBoxes.Index())
            {
                Pair($"{Name(Kinds[k])} | {scale:0.0} of its side, {100 * down:0} % down", model.Score(Cut(faces, findings[k], i + 1), withLabels: false).AreAgreed, answers[k].AreAgreed);
            }
        }
    }

    private static string Name(FaceDetectorKind kind) => kind == FaceDetectorKind.Cropped ? "the frame itself" : $"{kind}";

    private static int[] Found(Finding[] findings) => [.. Enumerable.Range(0, findings.Length).Where(i => findings[i].Box is not null)];

    private static FaceDataset Cut(FaceDataset faces, Finding[] findings, int box) =>
        faces.Select(Found(findings)).WithPixels([.. Found(findings).SelectMany(i => findings[i].Crops[box])]);

    private static void Pair(string name, bool[] right, bool[] other)
    {
        (int won, int lost) = (right.Zip(other).Count(pair => pair is (true, false)), right.Zip(other).Count(pair => pair is (false, true)));
        Console.WriteLine($"| {name} | {right.Length:n0} | {Answers.Share(right)} | {Answers.Share(other)} | {won}, {lost} | {PairedComparison.ExactTest(won, lost):0.000} |");
    }

    private static double Side(Finding face) => (double)face.Box!.Value.Width / face.Frame.Width;

    // The distance of the centres, in sides of the frame.
    private static double Offset(int from, int length, int frameFrom, int frameLength) => (from + (length / 2.0) - frameFrom - (frameLength / 2.0)) / frameLength;

    private static string Spread(Finding[] values, Func<Finding, double> of, string format)
    {
        double[] sorted = [.. values.Select(of).Order()];
        return $"{At(50)} ({At(10)} to {At(90)})";

        string At(int percent) => sorted[(sorted.Length - 1) * percent / 100].ToString(format);
    }
}
