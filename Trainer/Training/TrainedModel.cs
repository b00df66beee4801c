using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Export;
using MlNetEmotion.Trainer.Network;

namespace MlNetEmotion.Trainer.Training;

/// <summary>The result of a run: an ONNX file that satisfies <see cref="EmotionModel"/>.</summary>
/// <param name="Onnx">The file's content.</param>
/// <param name="Architecture">The network's layers as JSON.</param>
internal sealed record TrainedModel(byte[] Onnx, string Architecture)
{
    /// <summary>Exports a run's averaged weights, with their metrics in the metadata.</summary>
    /// <param name="state">The state after an epoch, as a checkpoint holds it.</param>
    /// <param name="faces">Real inputs for the parity check.</param>
    /// <param name="name">The model's name in error messages.</param>
    /// <param name="head">The head to export; <see cref="OutputHead.Auto"/> for the one that training chose.</param>
    public static TrainedModel Of(TrainingState state, DataReference data, FaceDataset faces, string name, OutputHead head = OutputHead.Auto)
    {
        TrainingProgress progress = state.Progress;
        head = head == OutputHead.Auto || !state.Network.HasVotes ? progress.Head : head;
        HeadMetrics? figures = progress.Heads.GetValueOrDefault(head);
        using IDisposable average = state.Average.Apply();
        var metadata = new ModelMetadata
        {
            Network = state.Network.Name,
            TrainingData = $"{data.Name} (sha256 {data.TrainHash[..16]})",
            Figures = Figures(progress, figures),
            Version = ProductVersion.Current,
        };
        Calibration calibration = figures?.Calibration.Calibration ?? (head == OutputHead.Labels ? new Calibration(Smoothing: 0, progress.Temperature) : Calibration.None);
        return new TrainedModel(
            OnnxExporter.ToOnnx(state.Network, calibration, metadata, faces, name, head, progress.Heads.GetValueOrDefault(OutputHead.Labels)?.Calibration.Calibration),
            Export.Architecture.ToJson(state.Network));
    }

    /// <summary>Sets the head of a run's averaged weights and calibrates each head, on faces that the network was not trained on.</summary>
    public static void Calibrate(TrainingState state, FaceDataset validation)
    {
        TrainingProgress progress = state.Progress;
        using IDisposable average = state.Average.Apply();
        float[][] logits = state.Network.Heads(validation);
        if (state.Options.Rehearse)
        {
            Rehearsal.KeepAnswer(progress, OnnxWeights.Of(state.Options.From!, state.Options.Network), logits, validation);
            return;
        }

        OutputHead[] heads = state.Network.HasVotes ? [OutputHead.Labels, OutputHead.Votes, OutputHead.Mean] : [OutputHead.Labels];
        progress.Heads = heads.ToDictionary(
            head => head, head => HeadMetrics.Measure(EmotionNetwork.Probabilities(logits, head), validation, byVotes: head != OutputHead.Labels));
        progress.Head = !state.Network.HasVotes ? OutputHead.Labels
            : state.Options.OutputHead == OutputHead.Auto ? OutputHead.Votes
            : state.Options.OutputHead;
    }

    private static Dictionary<string, double> Figures(TrainingProgress progress, HeadMetrics? head)
    {
        Dictionary<string, double> figures = head?.ByName() ?? [];
        if (progress.History is [.., EpochRecord last])
        {
            figures["epoch"] = last.Epoch;
            figures.TryAdd("validationAccuracy", last.ValidationAccuracy);
            figures.TryAdd("temperature", progress.Temperature);
        }

        return figures;
    }
}
