using Google.Protobuf;
using MlNetEmotion.Onnx;
using MlNetEmotion.Tests.Trainer.Data;
using MlNetEmotion.Tests.Trainer.Network;
using MlNetEmotion.Tests.Trainer.Training;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Export;
using MlNetEmotion.Trainer.Export.Proto;
using MlNetEmotion.Trainer.Network;
using MlNetEmotion.Trainer.Training;
using TorchSharp;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Export;

/// <summary>A network with a head for labels and one for votes, as a file and back.</summary>
public sealed class LabelAndVoteHeadsTests : IDisposable
{
    private static readonly FaceDataset Faces = SmallNetwork.Faces(5, seed: 9);
    private static readonly Compute Cpu = new(DeviceType.CPU, Bfloat16: false);
    private readonly TemporaryFolder folder = new();
    private readonly EmotionNetwork network = Networks.Create("emonet-small", votes: true);

    public LabelAndVoteHeadsTests() => RandomParameters.Fill(network, new Random(2));

    public void Dispose()
    {
        network.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData(nameof(OutputHead.Labels))]
    [InlineData(nameof(OutputHead.Votes))]
    [InlineData(nameof(OutputHead.Mean))]
    public void Export_AnAnswer_IsTheNetworksAndLoadsBothHeadsAgain(string headName)
    {
        OutputHead head = Enum.Parse<OutputHead>(headName);
        string path = Export(head, new Calibration(0.1, 1.5), new Calibration(0.2, 0.8));
        (float[] labels, float[] votes) = (network.Probabilities(Faces), network.Probabilities(Faces, OutputHead.Votes));
        float[] expected = head switch
        {
            OutputHead.Labels => labels,
            OutputHead.Votes => votes,
            _ => [.. labels.Zip(votes, (a, b) => (0.3f * a) + (0.7f * b))],
        };
        Assert.Contains(labels.Zip(votes), pair => Math.Abs(pair.First - pair.Second) > 0.01);
        AssertClose(new Calibration(0.1, 1.5).Apply(expected), Parity.OfModel(File.ReadAllBytes(path), path, Faces));

        using (var session = OnnxSession.Load(path))
        {
            Assert.Equal(head == OutputHead.Labels ? ["probabilities"] : ["probabilities", "labels"], session.OutputNames);
        }

        if (head != OutputHead.Labels)
        {
            AssertClose(new Calibration(0.2, 0.8).Apply(labels), Parity.OfModel(File.ReadAllBytes(path), path, Faces, EmotionModel.LabelsOutputName));
            OnnxWeights file = OnnxWeights.All(path).Single();
            Assert.Equal((head, 1.5, 0.8), (file.Head, file.Calibration.Temperature, file.LabelCalibration.Temperature), (a, b) => a.Item1 == b.Item1 && Math.Abs(a.Item2 - b.Item2) + Math.Abs(a.Item3 - b.Item3) < 1e-6);
        }

        using EmotionNetwork loaded = Networks.Create("emonet-small", seed: 5, votes: true);
        OnnxWeights.Of(path, "emonet-small").CopyTo(loaded);
        AssertClose(labels, loaded.Probabilities(Faces));
        AssertClose(votes, loaded.Probabilities(Faces, OutputHead.Votes));

        using EmotionNetwork single = Networks.Create("emonet-small", seed: 5);
        OnnxWeights.Of(path, "emonet-small").CopyTo(single);
        AssertClose(labels, single.Probabilities(Faces));
    }

    [Theory]
    [InlineData(nameof(OutputHead.Votes))]
    [InlineData(nameof(OutputHead.Mean))]
    public void LabelHead_OfAModelThatAnswersOtherwise_AnswersWithLabels(string headName)
    {
        string path = Export(Enum.Parse<OutputHead>(headName), Calibration.None);
        using var head = new EmotionClassifier(path, head: EmotionHead.Labels);
        AssertClose(network.Probabilities(Faces), new ModelEvaluator(head.ClassifyBatch).Predict(Faces, cancellationToken: TestContext.Current.CancellationToken));
        Assert.True(head.HasLabelHead);
        string single = Export(OutputHead.Labels, Calibration.None);
        Assert.Equal(
            $"{single}: output 'probabilities', expected 'labels'; {EmotionModel.Remedy}",
            Assert.Throws<ModelException>(() => new EmotionClassifier(single, head: EmotionHead.Labels)).Message);
    }

    [Fact]
    public void Rebatch_Calibrate_Combine_KeepTheAnswer()
    {
        string path = Export(OutputHead.Mean, new Calibration(0, 2));
        byte[] one = OnnxExporter.Rebatch(File.ReadAllBytes(path), path, batchSize: 1, Faces);
        using (var session = OnnxSession.Load(one, "one"))
        {
            Assert.Equal([1, 7], session.OutputMetadata["labels"].Dimensions);
        }

        AssertClose(network.Probabilities(Faces), Parity.OfModel(one, "one", Faces, EmotionModel.LabelsOutputName));
        byte[] plain = OnnxCalibration.With(OnnxExporter.Parse(one, "one"), Calibration.None, "one", OnnxCalibration.Main).ToByteArray();
        AssertClose(network.Probabilities(Faces, OutputHead.Mean), Parity.OfModel(plain, "plain", Faces));

        // Of a model and itself: a mean that is its answer.
        byte[] combined = OnnxEnsemble.Combine([path, path], mirror: false, Faces, "combined").Model.ToByteArray();
        AssertClose(network.Probabilities(Faces, OutputHead.Mean), Parity.OfModel(combined, "combined", Faces));
    }

    [Theory]
    [InlineData(nameof(OutputHead.Votes), false)]
    [InlineData(nameof(OutputHead.Mean), false)]
    [InlineData(nameof(OutputHead.Mean), true)]
    public void Calibrate_EachOutput_ByTheFitOnItsOwnTargets(string headName, bool isOfAnEarlierVersion)
    {
        OutputHead head = Enum.Parse<OutputHead>(headName);
        FaceDataset faces = FacesWithVotes(140);
        ModelProto model = OnnxExporter.Parse(File.ReadAllBytes(Export(head, new Calibration(0.1, 1.5), isOfAnEarlierVersion ? null : new Calibration(0.2, 0.8))), "model");
        if (isOfAnEarlierVersion)
        {
            ShareSoftmaxOfLabels(model.Graph);
        }

        (byte[] calibrated, CalibrationCheck check, CalibrationCheck? labels) = OnnxCalibration.Calibrate(model, "model", faces, TestContext.Current.CancellationToken);
        Assert.Equal(CalibrationCheck.Measure(network.Probabilities(faces, head), faces, byVotes: true).Temperature, check.Temperature, 1e-3);
        Assert.Equal(CalibrationCheck.Measure(network.Probabilities(faces), faces).Temperature, labels!.Temperature, 1e-3);
        Assert.NotEqual(check.Temperature, labels.Temperature, 0.01);
        float[][] found = Parity.OfModel(calibrated, "calibrated", Faces, [EmotionModel.OutputName, EmotionModel.LabelsOutputName]);
        AssertClose(check.Calibration.Apply(network.Probabilities(Faces, head)), found[0]);
        AssertClose(labels.Calibration.Apply(network.Probabilities(Faces)), found[1]);

        // The fit is that of the heads, whatever calibration the file has.
        (byte[] again, _, _) = OnnxCalibration.Calibrate(OnnxExporter.Parse(calibrated, "calibrated"), "calibrated", faces, TestContext.Current.CancellationToken);
        Assert.Equal(calibrated, again);
    }

    [Fact]
    public void WithHead_OfAModel_ExportsItsNetworkWithAnotherMainOutput()
    {
        string path = Export(OutputHead.Mean, new Calibration(0.1, 1.5), new Calibration(0.2, 0.8));
        byte[] votes = OnnxExporter.WithHead(path, OutputHead.Votes, ExportedNetworks.Probe);
        AssertClose(network.Probabilities(Faces, OutputHead.Votes), Parity.OfModel(votes, "votes", Faces));
        AssertClose(network.Probabilities(Faces), Parity.OfModel(votes, "votes", Faces, EmotionModel.LabelsOutputName));
        ModelMetadata metadata = OnnxCalibration.Metadata(OnnxExporter.Parse(votes, "votes"), "votes");
        Assert.Equal(("emonet-small", 0), (metadata.Network, metadata.Figures.Count));    // figures are those of an output
        AssertClose(network.Probabilities(Faces, OutputHead.Mean), Parity.OfModel(OnnxExporter.WithHead(path, OutputHead.Auto, ExportedNetworks.Probe), "mean", Faces));
    }

    [Fact]
    public void Teacher_WithVotes_TeachesThoseAndWhatItWouldLabel()
    {
        using Distillation teacher = Distillation.Load([Teacher.Of(Export(OutputHead.Votes, Calibration.None))], Cpu);
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor targets = torch.ones(Faces.Count, 14);
        teacher.MixTargets(new MlNetEmotion.Trainer.Data.DataLoader(Faces).Epoch(0).First().ToTensors(torch.CPU).Images, targets, share: 1);
        AssertClose(network.Probabilities(Faces), targets.Head(0).ToArray());
        AssertClose(network.Probabilities(Faces, OutputHead.Votes), targets.Head(1).ToArray());
    }

    [Fact]
    public void Teacher_WithoutVotes_LeavesThoseAsTheyAre()
    {
        using EmotionNetwork plain = Networks.Create("classic");
        float[] answers = plain.Probabilities(Faces);
        using var teacher = new Distillation([plain], Cpu);
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor targets = torch.ones(Faces.Count, 14);
        teacher.MixTargets(new MlNetEmotion.Trainer.Data.DataLoader(Faces).Epoch(0).First().ToTensors(torch.CPU).Images, targets, share: 1);
        AssertClose(answers, targets.Head(0).ToArray());
        Assert.All(targets.Head(1).ToArray(), value => Assert.Equal(1, value));
    }

    [Fact]
    public void ModelWithoutVotes_IntoANetworkWithVotes_StartsBothHeads()
    {
        string path = Path.Combine(folder.Root, "plain.onnx");
        using EmotionNetwork plain = Networks.Create("emonet-small", seed: 3), both = Networks.Create("emonet-small", votes: true);
        File.WriteAllBytes(path, OnnxExporter.ToOnnx(plain, new Calibration(0.1, 1.5), ExportedNetworks.Metadata with { Network = "emonet-small" }, ExportedNetworks.Probe, path));
        OnnxWeights.Of(path, "emonet-small").CopyTo(both);
        AssertClose(plain.Probabilities(Faces), both.Probabilities(Faces));
        Assert.Equal(both.Probabilities(Faces), both.Probabilities(Faces, OutputHead.Votes));
    }

    // Two of three labels are the label head's predictions, and half of the votes the vote head's; the others are spread over all classes.
    private FaceDataset FacesWithVotes(int count)
    {
        FaceDataset faces = SmallNetwork.Faces(count, seed: 4);
        (float[] labels, float[] votes) = (network.Probabilities(faces), network.Probabilities(faces, OutputHead.Votes));
        int row = 0;
        return FaceDataset.Load(MemoryFaces.View([.. Enumerable.Range(0, count).Select(i => (Guess(labels, i, 3), faces.Face(i).ToArray()))]))
            .WithVotes(_ => VotesFor((int)Guess(votes, row++, 2)));

        static Votes VotesFor(int emotion) => new([.. Enumerable.Range(0, 7).Select(each => each == emotion ? 8 : 0)], []);

        static Emotion Guess(float[] probabilities, int row, int period) =>
            (Emotion)(((int)EvaluationResult.Predicted(probabilities, row) + (row % period == 0 ? 1 + (row / period % 6) : 0)) % 7);
    }

    // As earlier versions wrote it: the softmax of the label head is an output and the mean's part.
    private static void ShareSoftmaxOfLabels(GraphProto graph)
    {
        NodeProto softmax = graph.Node.Single(node => node.Name.EndsWith(".labels.softmax", StringComparison.Ordinal));
        NodeProto part = graph.Node.Single(node => node.Input.Contains(softmax.Name));
        part.Input[part.Input.IndexOf(softmax.Name)] = softmax.Name = softmax.Output[0] = EmotionModel.LabelsOutputName;
        NodeProto[] calibration = [.. graph.Node.Skip(graph.Node.IndexOf(part)).Where(node => node.Name.StartsWith("labels", StringComparison.Ordinal))];
        Array.ForEach(calibration, node => graph.Node.Remove(node));
    }

    private string Export(OutputHead head, Calibration calibration, Calibration? labels = null)
    {
        string path = Path.Combine(folder.Root, $"{head}.onnx");
        File.WriteAllBytes(path, OnnxExporter.ToOnnx(
            network, calibration, ExportedNetworks.Metadata with { Network = "emonet-small" }, ExportedNetworks.Probe, path, head, labels));
        return path;
    }

    // As the export itself compares: two engines, and a calibration that multiplies the last bits.
    private static void AssertClose(float[] expected, float[] found) => Assert.Equal(expected, found, (a, b) => Math.Abs(a - b) < 1e-3);
}
