using MlNetEmotion.Native.Torch;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Export;
using MlNetEmotion.Trainer.Network;

namespace MlNetEmotion.Trainer.Training;

/// <summary>Networks with the weights of a model's file, where batch norms are folded into their convolutions. What they need to
/// train again, the statistics of what they read, comes from the training images.</summary>
internal static class PretrainedWeights
{
    private const int MeasuredFaces = 512;

    /// <summary>A session that only answers: norms have no statistics to train with.</summary>
    /// <param name="network">The network's name.</param>
    /// <param name="weights">Its weights, as exported.</param>
    /// <param name="compute">Where it computes.</param>
    public static TrainingSession Session(string network, ReadWeights weights, Compute compute)
    {
        var session = new TrainingSession(TrainingOptions.For(network), compute);
        try
        {
            session.Network.Import(weights);
            session.Average.Restart();
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Puts the weights into a session that has not begun; it then answers as the file does, but for its calibration.</summary>
    /// <param name="session">The session.</param>
    /// <param name="path">The model's file.</param>
    /// <param name="faces">The training images.</param>
    public static void Load(TrainingSession session, string path, FaceDataset faces)
    {
        session.Network.Import(OnnxWeights.Of(path, session.Options.Network));
        FaceBatch batch = new DataLoader(faces.Spread(MeasuredFaces), new DataLoaderOptions { BatchSize = MeasuredFaces }).Epoch(0).First();
        BatchNorm2d[] norms = [.. session.Network.Modules().OfType<BatchNorm2d>()];
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable noGrad = torch.no_grad();
        session.Network.train(false);
        Array.ForEach(norms, norm => norm.IsMeasuring = true);
        session.Network.forward(batch.ToTensors(session.Compute.Device).Images);
        Array.ForEach(norms, norm => norm.IsMeasuring = false);
        session.Average.Restart();
    }
}
