using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Export;

namespace MlNetEmotion.Trainer.Training;

/// <summary>What a run is all about: a file that holds to <see cref="EmotionModel"/>.</summary>
/// <param name="Onnx">The file's content.</param>
/// <param name="Architecture">What the network is made of, as JSON.</param>
internal sealed record TrainedModel(byte[] Onnx, string Architecture)
{
    /// <summary>A session's averaged weights as a model, with what is known of them in its metadata.</summary>
    /// <param name="session">The session, as a checkpoint holds it after an epoch.</param>
    /// <param name="data">What it was trained on.</param>
    /// <param name="faces">Real inputs for the parity check.</param>
    /// <param name="name">What errors call the model.</param>
    public static TrainedModel Of(TrainingSession session, DataReference data, FaceDataset faces, string name)
    {
        TrainingPosition position = session.Position;
        using IDisposable average = session.Average.Apply();
        var metadata = new ModelMetadata
        {
            Network = session.Network.Name,
            TrainingData = $"{data.Name} (sha256 {data.TrainHash[..16]})",
            Figures = Figures(position),
            Version = ProductVersion.Current,
        };
        Calibration calibration = position.Calibration?.Calibration ?? new Calibration(Smoothing: 0, position.Temperature);
        return new TrainedModel(OnnxExporter.ToOnnx(session.Network, calibration, metadata, faces, name), Export.Architecture.ToJson(session.Network));
    }

    /// <summary>Finds the calibration of a session's averaged weights on faces that it did not learn from, for its position.</summary>
    public static CalibrationCheck Calibrate(TrainingSession session, FaceDataset validation)
    {
        using IDisposable average = session.Average.Apply();
        return CalibrationCheck.Measure(session.Network.Probabilities(validation), validation);
    }

    private static Dictionary<string, double> Figures(TrainingPosition position)
    {
        var figures = new Dictionary<string, double>(StringComparer.Ordinal);
        if (position.History is [.., EpochRecord last])
        {
            figures["epoch"] = last.Epoch;
            figures["validationAccuracy"] = last.ValidationAccuracy;
            figures["temperature"] = position.Temperature;
        }

        foreach ((string name, double figure) in position.Calibration is { } check ? OnnxCalibration.Figures(check) : [])
        {
            figures[name] = figure;
        }

        return figures;
    }
}
