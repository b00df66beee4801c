using System.Runtime.InteropServices;
using MlNetEmotion.Trainer.Data;

namespace MlNetEmotion.Benchmarks;

internal sealed record Options
{
    [Setting("FER2013: folders train and validation, or its CSV", Value = "DIR|CSV", Required = true)] public string Data { get; init; } = "";
    [Setting("People's votes", Value = "FILE.csv", Required = true)] public string[] Votes { get; init; } = [];
    [Setting("The model; without it, the built-in one", Value = "FILE.onnx")] public string? Model { get; init; }
    [Setting("The part of the data [default: validation]", OneOf = ["train", "validation", "test"], Value = "train|validation|test")] public string Split { get; init; } = "validation";
    [Setting("Measure only so many faces, evenly spaced", Min = 1)] public int Limit { get; init; } = int.MaxValue;
    [Setting("Leave out faces that have a duplicate or near-duplicate among this data's training faces", Value = "DIR|CSV")] public string? Against { get; init; }
    [Setting("The seed of sizes, places and backgrounds")] public ulong Seed { get; init; } = 1;
    [Setting("photograph: score also boxes that are larger, smaller, higher or lower than the detector's")] public bool Boxes { get; init; }
    [Setting("Write some faces as they are scored", Value = "FILE.png")] public string? Sheet { get; init; }

    public FaceDataset Load()
    {
        Split part = Enum.Parse<Split>(Split, ignoreCase: true);
        FaceDataset faces = FaceSource.Open(Data).LoadSplit(part, new LoadOptions { Votes = Votes }, "--split");
        DatasetNotices.Write(Console.Error, faces);
        faces = Against is null ? faces : faces.Without(NearDuplicates.Shared(faces, FaceSource.Open(Against).LoadSplit(Trainer.Data.Split.Train)));
        Console.WriteLine($"{Path.GetFileName(Model) ?? "the built-in model"}, {part} images, seed {Seed}, {Environment.ProcessorCount} cores of {Processor()}\n");
        return faces.Subsample(Limit);
    }

    // Shared libraries compute other last digits on other processors.
    private static string Processor() => !File.Exists("/proc/cpuinfo") ? $"{RuntimeInformation.ProcessArchitecture}" : string.Join(", model ", File.ReadLines("/proc/cpuinfo")
        .Select(line => line.Split(':')).Where(parts => parts[0].Trim() is "model" or "model name").Take(2).Select(parts => parts[1].Trim()).Reverse());
}
