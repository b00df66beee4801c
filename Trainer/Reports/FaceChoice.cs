using System.Diagnostics.CodeAnalysis;
using MlNetEmotion.Programs.Samples;
using MlNetEmotion.Trainer.Data;

namespace MlNetEmotion.Trainer.Reports;

/// <summary>Chooses a few faces of each class at random; the same seed chooses the same faces.</summary>
internal sealed class FaceChoice(Emotion[] emotions, int count, ulong seed)
{
    /// <summary>Draws generated faces: uint8 [48, 48], gray, by class.</summary>
    public ILookup<Emotion, byte[]> Generated() =>
        SampleFaces.Generate(count * Emotions.Count, seed).ToLookup(face => face.Label, face => face.Pixels);

    /// <summary>Chooses faces of a view: uint8 [48, 48], gray, by class. Only the chosen images are decoded; unreadable ones are reported and left
    /// out.</summary>
    public ILookup<Emotion, byte[]> From(FaceDataView view, TextWriter notices, CancellationToken cancellationToken)
    {
        ILookup<Emotion, byte[]> chosen = Reservoir(view, notices, cancellationToken)
            .Select(face => (face.Label, Pixels: TryGet(face.Row, face.Row.Pixels, notices, out byte[]? read) ? read : null))
            .Where(face => face.Pixels is not null)
            .ToLookup(face => face.Label, face => face.Pixels!);
        return chosen.Count > 0
            ? chosen
            : throw new InvalidDataException($"{view.Name}: no readable face of {string.Join(", ", emotions)}");
    }

    /// <summary>
    /// Samples rows with equal probability in one pass (reservoir sampling, algorithm R: Vitter 1985, https://doi.org/10.1145/3147.3165). A CSV's rows hold
    /// their text, so keeping all of them would need as much memory as the file.
    /// </summary>
    private IEnumerable<(Emotion Label, FaceRow Row)> Reservoir(FaceDataView view, TextWriter notices, CancellationToken cancellationToken)
    {
        var random = new SplitMix64(seed);
        var seen = new int[Emotions.Count];
        var kept = Enumerable.Range(0, Emotions.Count).Select(_ => new List<FaceRow>()).ToArray();
        foreach (FaceRow row in view.Rows())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!TryGet(row, row.Label, notices, out Emotion label) || !emotions.Contains(label))
            {
                continue;
            }

            List<FaceRow> rows = kept[(int)label];
            int place = random.NextInt32(++seen[(int)label]);
            if (rows.Count < count)
            {
                rows.Add(row);
            }
            else if (place < count)
            {
                rows[place] = row;
            }
        }

        return kept.SelectMany((rows, label) => rows.Select(row => ((Emotion)label, row)));
    }

    private static bool TryGet<T>(FaceRow row, Func<T> read, TextWriter notices, [MaybeNullWhen(false)] out T value)
    {
        try
        {
            value = read();
            return true;
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            notices.WriteLine($"{row.Source}: {e.Message}; left out");
            value = default;
            return false;
        }
    }
}
