using Microsoft.ML.OnnxRuntime;
using MlNetEmotion.Onnx;
using MlNetEmotion.Trainer.Data;

namespace MlNetEmotion.Trainer.Export;

/// <summary>Compares the probabilities of a network and its exported file on the same faces.</summary>
internal static class Parity
{
    /// <summary>The tolerance of a probability: the engines only differ in their order of summation.</summary>
    public const double Tolerance = 1e-4;

    private const int ProbeSize = 64;

    /// <summary>Returns a few faces, evenly spaced over a dataset.</summary>
    public static FaceDataset Probe(FaceDataset faces) => faces.Subsample(ProbeSize);

    /// <summary>Runs a model in ONNX Runtime: float32 [n, 7].</summary>
    public static float[] OfModel(byte[] model, string name, FaceDataset faces, string outputName = EmotionModel.OutputName) => OfModel(model, name, faces, [outputName])[0];

    /// <summary>Runs a model in ONNX Runtime: float32 [n, 7] for each output.</summary>
    public static float[][] OfModel(byte[] model, string name, FaceDataset faces, string[] outputNames)
    {
        using var session = OnnxSession.Load(model, name);
        int fixedBatch = session.InputMetadata[EmotionModel.InputName].Dimensions[0];
        int batchSize = fixedBatch > 0 ? fixedBatch : faces.Count;
        using var options = new RunOptions();
        float[][] answers = [.. outputNames.Select(_ => new float[faces.Count * Emotions.Count])];
        foreach (int[] rows in Enumerable.Range(0, faces.Count).Chunk(batchSize))
        {
            // A last batch that is smaller than a fixed batch size is padded with its first face.
            int[] filled = [.. rows, .. Enumerable.Repeat(rows[0], batchSize - rows.Length)];
            float[] input = [.. filled.SelectMany(row => faces.Face(row).ToArray())];
            using var images = OrtValue.CreateTensorValueFromMemory(input, [batchSize, .. EmotionModel.InputShape.Skip(1)]);
            using var outputs = session.Run(options, [EmotionModel.InputName], [images], outputNames);
            foreach ((float[] all, OrtValue output) in answers.Zip(outputs))
            {
                output.GetTensorDataAsSpan<float>()[..(rows.Length * Emotions.Count)].CopyTo(all.AsSpan(rows[0] * Emotions.Count));
            }
        }

        return answers;
    }

    /// <summary>Throws if probabilities, float32 [n, 7], differ by more than the tolerance or are NaN.</summary>
    public static void Require(ReadOnlySpan<float> expected, ReadOnlySpan<float> found, string path, double tolerance = Tolerance)
    {
        double worst = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double difference = Math.Abs(expected[i] - found[i]);
            worst = difference > worst || double.IsNaN(difference) ? difference : worst;
        }

        if (!(worst <= tolerance))
        {
            throw new ModelException(
                $"{path}: not written, since in ONNX Runtime its probabilities differ by {worst:g3} from the original's, expected at most {tolerance:g3}");
        }
    }
}
