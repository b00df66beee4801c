using System.CommandLine;
using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Augmentation;
using MlNetEmotion.Trainer.Network;
using MlNetEmotion.Trainer.Training;

namespace MlNetEmotion.Trainer.Commands;

/// <summary>The options of <c>Trainer train</c>. What is not typed keeps the network's own default.</summary>
internal sealed class TrainCommandOptions
{
    private readonly Option<string> network = new("--network") { Description = "The network: emonet, or seed without --data" };
    private readonly Option<string> from = new("--from") { Description = "Start with a trained model's weights instead of fresh ones", HelpName = "FILE.onnx|RUN" };
    private readonly Option<int?> epochs = new("--epochs") { Description = "Passes over the training images", HelpName = "N" };
    private readonly Option<int?> batchSize = new("--batch-size") { Description = "Images a step", HelpName = "N" };
    private readonly Option<OptimizerKind?> optimizer = new("--optimizer") { Description = "What moves the weights" };
    private readonly Option<double?> learningRate = new("--learning-rate") { Description = "The highest learning rate", HelpName = "X" };
    private readonly Option<double?> warmupEpochs = new("--warmup-epochs") { Description = "Epochs in which the learning rate rises", HelpName = "X" };
    private readonly Option<double?> momentum = new("--momentum") { Description = "SGD's momentum", HelpName = "X" };
    private readonly Option<double?> weightDecay = new("--weight-decay") { Description = "Pull of weights to zero", HelpName = "X" };
    private readonly Option<double?> labelSmoothing = new("--label-smoothing") { Description = "Share of a target that is spread over all classes", HelpName = "X" };
    private readonly Option<double?> emaDecay = new("--ema-decay") { Description = "Share of the weight average that stays at a step; 0 for no average", HelpName = "X" };
    private readonly Option<double?> sharpness = new("--sharpness-radius") { Description = "Sharpness-aware steps of this radius, in twice the time; 0 for plain steps", HelpName = "X" };
    private readonly Option<double?> balance = new("--balance") { Description = "How far an epoch evens out the classes' shares, from 0 to 1", HelpName = "X" };
    private readonly Option<string[]> teachers = new("--teacher") { Description = "A trained run, checkpoint or model to learn from too; several are averaged", HelpName = "RUN|FILE" };
    private readonly Option<double?> teacherShare = new("--teacher-share") { Description = "The teachers' share of what is to be learned; the labels have the rest", HelpName = "X" };
    private readonly Option<int?> patience = new("--patience") { Description = "Stop after so many epochs without a better validation accuracy; 0 for never", HelpName = "N" };
    private readonly Option<int?> seed = new("--seed") { Description = "Decides initial weights, order, augmentation and dropout", HelpName = "N" };
    private readonly Option<Precision?> precision = new("--precision") { Description = "What convolutions compute in" };
    private readonly Option<string> device = new("--device") { Description = "Where to compute: auto, cpu or cuda" };
    private readonly Option<bool> noAugmentation = new("--no-augmentation") { Description = "Train on the images as they are" };
    private readonly Option<float?> rotation = new("--rotation") { Description = "Largest random rotation, in degrees", HelpName = "X" };
    private readonly Option<float?> shift = new("--shift") { Description = "Largest random shift, as a share of the side", HelpName = "X" };
    private readonly Option<float?> scale = new("--scale") { Description = "Largest random change of size, as a share", HelpName = "X" };
    private readonly Option<float?> brightness = new("--brightness") { Description = "Largest random change of brightness, as a share of 255", HelpName = "X" };
    private readonly Option<float?> contrast = new("--contrast") { Description = "Largest random change of contrast, as a share", HelpName = "X" };
    private readonly Option<float?> blur = new("--blur") { Description = "How often a face is blurred at random", HelpName = "X" };
    private readonly Option<float?> erasing = new("--erasing") { Description = "How often a random rectangle is erased", HelpName = "X" };
    private readonly Option<float?> mixup = new("--mixup") { Description = "Blend pairs of images, the beta distribution's parameter; 0 for not", HelpName = "X" };
    private readonly Option<float?> cutMix = new("--cutmix") { Description = "Exchange rectangles of pairs of images, the beta distribution's parameter; 0 for not", HelpName = "X" };

    /// <summary>Makes the options, with the checks of what is typed.</summary>
    public TrainCommandOptions()
    {
        network.AcceptOnlyFromAmong([.. Networks.Names]);
        device.AcceptOnlyFromAmong("auto", "cpu", "cuda");
        epochs.MustBe(1);
        batchSize.MustBe(2);
        patience.MustBe(0);
        learningRate.MustBe(0, 100);
        warmupEpochs.MustBe(0, 1000);
        momentum.MustBe(0, 1);
        weightDecay.MustBe(0, 1);
        labelSmoothing.MustBe(0, 1);
        emaDecay.MustBe(0, 1);
        rotation.MustBe(0, 180);
        shift.MustBe(0, 1);
        scale.MustBe(0, 0.9);
        brightness.MustBe(0, 1);
        contrast.MustBe(0, 1);
        blur.MustBe(0, 1);
        erasing.MustBe(0, 1);
        mixup.MustBe(0, AugmentationOptions.LargestMixingAlpha);
        cutMix.MustBe(0, AugmentationOptions.LargestMixingAlpha);
        sharpness.MustBe(0, 10);
        balance.MustBe(0, 1);
        teacherShare.MustBe(0, 1);
    }

    /// <summary>Gets all options.</summary>
    public IReadOnlyList<Option> All =>
    [
        network, from, epochs, batchSize, optimizer, learningRate, warmupEpochs, momentum, weightDecay, labelSmoothing, sharpness, balance, teachers,
        teacherShare, emaDecay, patience, seed, precision, device, noAugmentation, rotation, shift, scale, brightness, contrast, blur, erasing,
        mixup, cutMix,
    ];

    /// <summary>Puts what was typed over the network's defaults.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="defaultNetwork">The network where none was typed.</param>
    /// <exception cref="UsageException">Something was typed that would have no effect.</exception>
    public TrainingOptions Bind(ParseResult parsed, string defaultNetwork)
    {
        TrainingOptions options = TrainingOptions.For(parsed.GetValue(network) ?? defaultNetwork);
        OptimizerKind kind = parsed.GetValue(optimizer) ?? options.Optimizer;
        if (kind != OptimizerKind.Sgd && parsed.GetResult(momentum) is not null)
        {
            throw new UsageException($"--momentum is SGD's, and {options.Network} trains by {kind}: leave it out, or add --optimizer sgd");
        }

        if (parsed.GetResult(teachers) is null && parsed.GetResult(teacherShare) is not null)
        {
            throw new UsageException("--teacher-share needs a teacher: add --teacher RUN, or leave it out");
        }

        AugmentationOptions augmentation = parsed.GetValue(noAugmentation) ? AugmentationOptions.None : options.Augmentation;
        return options with
        {
            From = parsed.GetValue(from) is string model ? ModelOf(model) : null,
            Epochs = parsed.GetValue(epochs) ?? options.Epochs,
            BatchSize = parsed.GetValue(batchSize) ?? options.BatchSize,
            Optimizer = kind,
            LearningRate = parsed.GetValue(learningRate) ?? options.LearningRate,
            WarmupEpochs = parsed.GetValue(warmupEpochs) ?? options.WarmupEpochs,
            Momentum = parsed.GetValue(momentum) ?? options.Momentum,
            WeightDecay = parsed.GetValue(weightDecay) ?? options.WeightDecay,
            LabelSmoothing = parsed.GetValue(labelSmoothing) ?? options.LabelSmoothing,
            SharpnessRadius = parsed.GetValue(sharpness) ?? options.SharpnessRadius,
            Balance = parsed.GetValue(balance) ?? options.Balance,
            Teachers = [.. (parsed.GetValue(teachers) ?? []).Select(Teacher.Of)],
            TeacherShare = parsed.GetValue(teacherShare) ?? options.TeacherShare,
            EmaDecay = parsed.GetValue(emaDecay) ?? options.EmaDecay,
            Patience = parsed.GetValue(patience) ?? options.Patience,
            Seed = parsed.GetValue(seed) ?? options.Seed,
            Precision = parsed.GetValue(precision) ?? options.Precision,
            Device = parsed.GetValue(device) ?? options.Device,
            Augmentation = augmentation with
            {
                RotationDegrees = parsed.GetValue(rotation) ?? augmentation.RotationDegrees,
                Shift = parsed.GetValue(shift) ?? augmentation.Shift,
                Scale = parsed.GetValue(scale) ?? augmentation.Scale,
                Brightness = parsed.GetValue(brightness) ?? augmentation.Brightness,
                Contrast = parsed.GetValue(contrast) ?? augmentation.Contrast,
                BlurProbability = parsed.GetValue(blur) ?? augmentation.BlurProbability,
                ErasingProbability = parsed.GetValue(erasing) ?? augmentation.ErasingProbability,
                MixupAlpha = parsed.GetValue(mixup) ?? augmentation.MixupAlpha,
                CutMixAlpha = parsed.GetValue(cutMix) ?? augmentation.CutMixAlpha,
            },
        };
    }

    private static string ModelOf(string from)
    {
        string path = Directory.Exists(from) ? new RunDirectory(from).Model : from;
        return File.Exists(path) ? path : throw new UsageException($"--from {from}: no model there; name a model's file, or the folder of a run that has come to its end");
    }
}
