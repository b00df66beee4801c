using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Export;
using MlNetEmotion.Trainer.Training;

namespace MlNetEmotion.Trainer.Commands;

/// <summary>From a run's session to the file that it is all about.</summary>
internal static class TrainedModel
{
    /// <summary>Writes a session's averaged weights as a model, with what is known of them in its metadata.</summary>
    /// <param name="session">The session, as a checkpoint holds it after an epoch.</param>
    /// <param name="data">What it was trained on.</param>
    /// <param name="faces">Real inputs for the parity check.</param>
    /// <param name="path">The file to write.</param>
    public static void Export(TrainingSession session, DataReference data, FaceDataset faces, string path)
    {
        using IDisposable average = session.Average.Apply();
        OnnxExporter.Export(
            path,
            session.Network,
            session.Position.Temperature,
            new ModelMetadata
            {
                Network = session.Options.Network,
                TrainingData = $"{data.Name} (sha256 {data.TrainHash[..16]})",
                Figures = Figures(session.Position),
                Version = ProductVersion.Current,
            },
            faces,
            session.Compute.Device);
        if (session.Position.Calibration is { } calibration)
        {
            OnnxCalibration.Write(path, path, calibration, faces);
        }
    }

    private static Dictionary<string, double> Figures(TrainingPosition position) => position.History is [.., EpochRecord last]
        ? new(StringComparer.Ordinal)
        {
            ["epoch"] = last.Epoch,
            ["validationAccuracy"] = last.ValidationAccuracy,
            ["temperature"] = position.Temperature,
        }
        : [];
}
