#:project ../../Shared/Shared.csproj
// Run by serve.sh.
//   batch SECONDS               faces a second that the shipped model scores within this process, in batches of 32, on all cores
//   rate URL FILE RATE SECONDS  a file posted so many times a second, whether answers come or not: half, and 99 of 100, take at most so long
using System.Diagnostics;
using MlNetEmotion;

if (args is ["batch", var seconds])
{
    using var classifier = EmotionClassifier.LoadDefault(new OnnxOptions { Threads = Environment.ProcessorCount });
    var faces = new byte[32 * 2304];
    new Random(1).NextBytes(faces);
    var scores = new EmotionScores[32];
    classifier.ClassifyBatch(faces, scores);
    var clock = Stopwatch.StartNew();
    TimeSpan before = Environment.CpuUsage.TotalTime;
    long scored = 0;
    while (clock.Elapsed.TotalSeconds < double.Parse(seconds))
    {
        classifier.ClassifyBatch(faces, scores);
        scored += scores.Length;
    }

    Console.WriteLine($"{scored / clock.Elapsed.TotalSeconds:0.0} a second, {(Environment.CpuUsage.TotalTime - before).TotalMilliseconds / scored:0.0} ms of a core each");
}
else if (args is ["rate", var url, var file, var rate, var duration])
{
    using var client = new HttpClient();
    byte[] body = File.ReadAllBytes(file);
    double interval = 1 / double.Parse(rate);
    var clock = Stopwatch.StartNew();
    var answers = new List<Task<double>>();
    for (double due = 0; due < double.Parse(duration); due += interval)
    {
        double wait = due - clock.Elapsed.TotalSeconds;
        await Task.Delay(TimeSpan.FromSeconds(Math.Max(0, wait)));
        answers.Add(Post(due));
    }

    double[] all = await Task.WhenAll(answers);
    double[] times = [.. all.Where(time => time >= 0).Order()];
    Console.WriteLine($"p50 {times[times.Length / 2]:0.0} ms, p99 {times[times.Length * 99 / 100]:0.0} ms, ratio {times[times.Length * 99 / 100] / times[times.Length / 2]:0.0}, {all.Length - times.Length} of {all.Length} refused");

    // From when it was due, so that a late start counts; negative where it was refused.
    async Task<double> Post(double due)
    {
        using HttpResponseMessage answer = await client.PostAsync(url, new ByteArrayContent(body));
        await answer.Content.ReadAsByteArrayAsync();
        return !answer.IsSuccessStatusCode ? -1 : (clock.Elapsed.TotalSeconds - due) * 1000;
    }
}
