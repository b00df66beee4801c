using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Export;
using MlNetEmotion.Trainer.Network;

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
    /// <param name="answer">What it answers with, where that is not to be what the run settled.</param>
    public static TrainedModel Of(TrainingSession session, DataReference data, FaceDataset faces, string name, Answer answer = Answer.Auto)
    {
        TrainingPosition position = session.Position;
        answer = answer == Answer.Auto || !session.Network.HasVotes ? position.Answer : answer;
        AnswerFigures? figures = position.Answers.GetValueOrDefault(answer);
        using IDisposable average = session.Average.Apply();
        var metadata = new ModelMetadata
        {
            Network = session.Network.Name,
            TrainingData = $"{data.Name} (sha256 {data.TrainHash[..16]})",
            Figures = Figures(position, figures),
            Version = ProductVersion.Current,
        };
        Calibration calibration = figures?.Calibration.Calibration ?? (answer == Answer.Labels ? new Calibration(Smoothing: 0, position.Temperature) : Calibration.None);
        return new TrainedModel(
            OnnxExporter.ToOnnx(session.Network, calibration, metadata, faces, name, answer), Export.Architecture.ToJson(session.Network));
    }

    /// <summary>Settles what a session's averaged weights answer with, and its calibration, on faces that they did not learn from.</summary>
    public static void Calibrate(TrainingSession session, FaceDataset validation)
    {
        TrainingPosition position = session.Position;
        using IDisposable average = session.Average.Apply();
        float[][] heads = session.Network.Heads(validation);
        Answer[] answers = session.Network.HasVotes ? [Answer.Labels, Answer.Votes, Answer.Mean] : [Answer.Labels];
        position.Answers = answers.ToDictionary(
            answer => answer, answer => AnswerFigures.Measure(EmotionNetwork.Probabilities(heads, answer), validation, byVotes: answer != Answer.Labels));
        position.Answer = session.Options.Answer != Answer.Auto && session.Network.HasVotes
            ? session.Options.Answer
            : answers.MaxBy(answer => position.Answers[answer].Accuracy + (position.Answers[answer].VoteAgreement ?? 0));
    }

    private static Dictionary<string, double> Figures(TrainingPosition position, AnswerFigures? answer)
    {
        Dictionary<string, double> figures = answer?.ByName() ?? [];
        if (position.History is [.., EpochRecord last])
        {
            figures["epoch"] = last.Epoch;
            figures.TryAdd("validationAccuracy", last.ValidationAccuracy);
            figures.TryAdd("temperature", position.Temperature);
        }

        return figures;
    }
}
