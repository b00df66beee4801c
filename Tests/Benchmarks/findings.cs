#:project ../../Shared/ML/ML.csproj
#:property NoWarn=$(NoWarn);MA0047
// Measures the effect of size, sharpness and light on the answers, and the error of the pose, for the tables of docs/detector.md:
//   dotnet run -c Release Tests/Benchmarks/findings.cs -- quality fer2013/validation ferplus-validation.csv
//   dotnet run -c Release Tests/Benchmarks/findings.cs -- pose PHOTOS
using System.Globalization;
using MlNetEmotion;
using SkiaSharp;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is ["quality", var folder, var votes])
{
    Quality.Run(folder, votes);
}
else if (args is ["pose", var photos])
{
    Pose.Run(photos);
}

internal static class Quality
{
    private static readonly string[] Columns = ["anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral", "contempt", "unknown", "NF"];

    public static void Run(string folder, string votes)
    {
        string[][] lines = [.. File.ReadLines(votes).Select(line => line.Split(','))];
        int[] columns = [.. Columns.Select(name => Array.IndexOf(lines[0], name))];
        var counts = lines[1..].ToLookup(line => line[0], line => columns.Select(column => int.Parse(line[column])).ToArray());
        var faces = new List<(byte[] Face, int Majority, bool IsNeutral)>();
        foreach (string path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            if (counts[Path.GetFileName(path)].ToArray() is [var vote] && vote.Count(count => count == vote.Max()) == 1 && Array.IndexOf(vote, vote.Max()) is var majority and < 7)
            {
                faces.Add((Gray(path), majority, majority == 6 && vote[6] >= 0.8 * vote.Sum()));
            }
        }

        using var classifier = EmotionClassifier.LoadDefault(new OnnxOptions { Threads = Environment.ProcessorCount });
        Console.WriteLine($"{faces.Count} faces with a majority, of {Environment.ProcessorCount} cores");
        var all = new List<Answer>();
        Console.WriteLine("| made | agree | shown | agree where shown | side | sharpness, 10th, 50th, 90th of 100 | light |");
        foreach ((string name, Func<byte[], ImageView> make) in Variants())
        {
            Answer[] answers = [.. faces.Chunk(32).SelectMany(batch => Score(classifier, batch, make))];
            all.AddRange(answers);
            double[] sharpness = [.. answers.Select(answer => answer.Quality.Sharpness).Order()];
            Answer[] shown = [.. answers.Where(answer => answer.Confidence >= 0.35)];
            Console.WriteLine($"| {name} | {Agreement(answers)} | {100.0 * shown.Length / answers.Length:0} % | {Agreement(shown)} | {answers.Average(answer => answer.Quality.SidePixels):0} | {sharpness[sharpness.Length / 10]:0.00}, {sharpness[sharpness.Length / 2]:0.00}, {sharpness[sharpness.Length * 9 / 10]:0.00} | {answers.Average(answer => answer.Quality.Light):0.00} |");
            if (name == "as it is")
            {
                double[] logs = [.. Enumerable.Range(0, 7).Select(i => Math.Exp(answers.Where(answer => answer.IsNeutral).Average(answer => Math.Log(Math.Max(answer.Scores[(Emotion)i], 0.01)))))];
                Console.WriteLine($"typical answer to {answers.Count(answer => answer.IsNeutral)} neutral faces: {string.Join(", ", logs.Select(log => $"{log / logs.Sum():0.0000}"))}");
            }
        }

        Console.WriteLine("| limit, all made together | named | agree of these | agree of the others |");
        Limit("side < ", [16, 24, 32], (answer, limit) => answer.Quality.SidePixels < limit);
        Limit("sharpness < ", [0.1, 0.15, 0.2, 0.3], (answer, limit) => answer.Quality.Sharpness < limit);
        Limit("light < ", [0.02, 0.03, 0.04, 0.1], (answer, limit) => answer.Quality.Light < limit);

        void Limit(string name, double[] limits, Func<Answer, double, bool> isBeyond)
        {
            foreach (double limit in limits)
            {
                Answer[] beyond = [.. all.Where(answer => isBeyond(answer, limit))];
                Console.WriteLine($"| {name}{limit} | {100.0 * beyond.Length / all.Count:0.0} % | {Agreement(beyond)} | {Agreement([.. all.Where(answer => !isBeyond(answer, limit))])} |");
            }
        }
    }

    private static string Agreement(Answer[] answers) => answers.Length == 0 ? "–" : $"{100.0 * answers.Count(answer => answer.Agrees) / answers.Length:0.0} %";

    private static IEnumerable<Answer> Score(EmotionClassifier classifier, (byte[] Face, int Majority, bool IsNeutral)[] batch, Func<byte[], ImageView> make)
    {
        var crops = new byte[batch.Length * 2304];
        var sides = new int[batch.Length];
        for (int i = 0; i < batch.Length; i++)
        {
            ImageView made = make(batch[i].Face);
            sides[i] = made.Width;
            FacePreprocessor.ToFace(made, crops.AsSpan(i * 2304, 2304));
        }

        EmotionScores[] scores = classifier.ClassifyBatch(crops);
        return batch.Select((face, i) => new Answer(
            scores[i], (int)scores[i].Top == face.Majority, face.IsNeutral, FaceQuality.Of(new Box(0, 0, sides[i], sides[i]), crops.AsSpan(i * 2304, 2304))));
    }

    private static IEnumerable<(string Name, Func<byte[], ImageView> Make)> Variants()
    {
        yield return ("as it is", face => new ImageView(face, 48, 48, PixelFormat.Gray8));
        foreach (int side in new[] { 32, 24, 16, 12 })
        {
            yield return ($"{side} pixels", face => new ImageView(Resized(face, side), side, side, PixelFormat.Gray8));
        }

        foreach (double sigma in new[] { 0.7, 1.2, 2, 3 })
        {
            yield return ($"blurred, sigma {sigma}", face => new ImageView(Blurred(face, sigma), 48, 48, PixelFormat.Gray8));
        }

        foreach (double share in new[] { 0.3, 0.15, 0.08, 0.04, 0.02 })
        {
            yield return ($"{100 * share:0} % of the light", face => new ImageView(face.Select(gray => (byte)Math.Round(gray * share)).ToArray(), 48, 48, PixelFormat.Gray8));
        }
    }

    private static byte[] Gray(string path)
    {
        using SKBitmap bitmap = SKBitmap.Decode(path);
        return [.. bitmap.Pixels.Select(pixel => pixel.Red)];
    }

    // Each new pixel is the mean of the pixels under it, weighted by their part under it.
    private static byte[] Resized(byte[] face, int side)
    {
        double scale = 48.0 / side;
        return Weighted(face, [.. Enumerable.Range(0, side).Select(to => Enumerable.Range(0, 48)
            .Select(from => Math.Max(0, Math.Min(from + 1, (to + 1) * scale) - Math.Max(from, to * scale)) / scale).ToArray())]);
    }

    // Beyond the edge, its pixels are repeated.
    private static byte[] Blurred(byte[] face, double sigma)
    {
        var weights = new double[48][];
        for (int to = 0; to < 48; to++)
        {
            weights[to] = new double[48];
            double sum = 0;
            for (int from = to - 20; from <= to + 20; from++)
            {
                double weight = Math.Exp(-(from - to) * (from - to) / (2 * sigma * sigma));
                weights[to][Math.Clamp(from, 0, 47)] += weight;
                sum += weight;
            }

            weights[to] = [.. weights[to].Select(weight => weight / sum)];
        }

        return Weighted(face, weights);
    }

    // The rows and then the columns are weighted sums.
    private static byte[] Weighted(byte[] face, double[][] weights)
    {
        int side = weights.Length;
        var rows = new double[side * 48];
        for (int y = 0; y < side; y++)
        {
            for (int x = 0; x < 48; x++)
            {
                for (int from = 0; from < 48; from++)
                {
                    rows[(y * 48) + x] += weights[y][from] * face[(from * 48) + x];
                }
            }
        }

        var result = new byte[side * side];
        for (int i = 0; i < result.Length; i++)
        {
            double sum = 0;
            for (int from = 0; from < 48; from++)
            {
                sum += weights[i % side][from] * rows[(i / side * 48) + from];
            }

            result[i] = (byte)Math.Round(sum);
        }

        return result;
    }

    private sealed record Answer(EmotionScores Scores, bool Agrees, bool IsNeutral, FaceQuality Quality)
    {
        public float Confidence => Scores.Confidence;
    }
}

// Photographs have no true pose, but mirrored ones have the negative yaw and roll, and turned ones another roll alone.
internal static class Pose
{
    public static void Run(string folder)
    {
        using EmotionRecognizer recognizer = EmotionRecognizer.Load();
        var poses = new List<HeadPose>();
        var errors = new Dictionary<string, List<(double Yaw, double Pitch, double Roll)>>();
        foreach (string path in Directory.EnumerateFiles(folder, "*.jpg").Order(StringComparer.Ordinal))
        {
            using SKBitmap photo = SKBitmap.Decode(path);
            RecognizedFace[] faces = [.. recognizer.Recognize(View(photo)).Where(face => face.Box.Width >= 60)];
            poses.AddRange(faces.Select(face => HeadPose.Of(face.Landmarks)!.Value));
            Compare("mirrored", SKMatrix.CreateScale(-1, 1, photo.Width / 2f, 0), pose => new HeadPose(-pose.Yaw, pose.Pitch, -pose.Roll));
            foreach (int degrees in new[] { 10, 20, 30 })
            {
                Compare($"turned by {degrees} degrees", SKMatrix.CreateRotationDegrees(degrees, photo.Width / 2f, photo.Height / 2f), pose => pose with { Roll = pose.Roll + degrees });
            }

            void Compare(string name, SKMatrix matrix, Func<HeadPose, HeadPose> expected)
            {
                using var turned = new SKBitmap(photo.Info);
                using (var canvas = new SKCanvas(turned))
                {
                    canvas.Clear(SKColors.Gray);
                    canvas.SetMatrix(matrix);
                    canvas.DrawBitmap(photo, 0, 0);
                }

                IReadOnlyList<RecognizedFace> again = recognizer.Recognize(View(turned));
                foreach (RecognizedFace face in faces)
                {
                    SKPoint nose = matrix.MapPoint(face.Landmarks.Nose.X, face.Landmarks.Nose.Y);
                    if (again.FirstOrDefault(other => Math.Abs(other.Landmarks.Nose.X - nose.X) + Math.Abs(other.Landmarks.Nose.Y - nose.Y) < face.Box.Width / 3f) is { } same)
                    {
                        (HeadPose was, HeadPose now) = (expected(HeadPose.Of(face.Landmarks)!.Value), HeadPose.Of(same.Landmarks)!.Value);
                        errors.TryAdd(name, []);
                        errors[name].Add((Math.Abs(now.Yaw - was.Yaw), Math.Abs(now.Pitch - was.Pitch), Math.Abs(now.Roll - was.Roll)));
                    }
                }
            }
        }

        Console.WriteLine($"{poses.Count} faces from 60 pixels; mean pose: yaw {poses.Average(pose => pose.Yaw):0.0}, pitch {poses.Average(pose => pose.Pitch):0.0}, roll {poses.Average(pose => pose.Roll):0.0}; median pitch {poses.Select(pose => pose.Pitch).Order().ElementAt(poses.Count / 2):0.0}");
        Console.WriteLine("| photographs | faces | yaw | pitch | roll |");
        foreach ((string name, List<(double Yaw, double Pitch, double Roll)> all) in errors)
        {
            Console.WriteLine($"| {name} | {all.Count} | {all.Average(error => error.Yaw):0.0} | {all.Average(error => error.Pitch):0.0} | {all.Average(error => error.Roll):0.0} |");
        }
    }

    private static ImageView View(SKBitmap bitmap) => new(bitmap.GetPixelSpan(), bitmap.Width, bitmap.Height, bitmap.ColorType == SKColorType.Bgra8888 ? PixelFormat.Bgra32 : PixelFormat.Rgba32, bitmap.RowBytes);
}
