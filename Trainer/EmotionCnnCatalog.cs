using Microsoft.ML;
using Microsoft.ML.Runtime;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Training;

namespace MlNetEmotion.Trainer;

/// <summary>ML.NET catalog extensions that load labelled faces and create the network's trainer.</summary>
public static class EmotionCnnCatalog
{
    /// <summary>
    /// Opens labelled faces: image folders (<c>path/class/**</c> or <c>path/{train,validation,test}/class/**</c>) or FER2013's CSV. Images are decoded
    /// lazily, when a row's <c>Face</c> is read. Rows are sorted by path, so class by class: shuffle them before taking a part. Columns: <c>Face</c>
    /// (float32 [1, 48, 48], gray, 0 to 255), <c>Label</c> (a key from 1 to 7 with the emotions' names), <c>Split</c> and <c>Source</c> (text).
    /// </summary>
    /// <param name="path">A folder, or a file whose name ends in <c>.csv</c>.</param>
    /// <param name="split">The split to load, as the folders or the CSV's column <c>Usage</c> name it; null for all rows. For data without splits, pass null
    /// and divide it with <c>ml.Data.TrainTestSplit</c>.</param>
    /// <param name="skip">Called for each unreadable image, which is then left out; null makes it an error.</param>
    /// <param name="classes">The class of each folder name, or of each value of the CSV's column <c>emotion</c>, ignoring case; null excludes a class. Default:
    /// the emotions' names, their usual synonyms, or FER2013's numbers 0 to 6 (folders must have all seven). If given, only the numbers in it count.</param>
    /// <param name="warnings">Receives each warning once. Warnings about folders (ignored folders and files, numbers read as FER2013's, classes without images)
    /// are reported now; those about images (skipped, a single gray level, decoded in part) while rows are read. Null for none. See
    /// <see cref="WarningLog"/>.</param>
    /// <exception cref="IOException">The file or folder does not exist (a <see cref="FileNotFoundException"/> or
    /// <see cref="DirectoryNotFoundException"/>).</exception>
    /// <exception cref="InvalidDataException">The layout is wrong or the split is missing; or, while rows are read, an image can't be read.</exception>
    public static IDataView LoadFaces(
        this DataOperationsCatalog catalog, string path, Split? split = null, Action<UnreadableImage>? skip = null, IReadOnlyDictionary<string, Emotion?>? classes = null,
        IProgress<string>? warnings = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(path);
        FaceDataView faces = FaceSource.Open(path, new ClassNames(classes)) with { Skip = skip };
        faces = split is { } only ? faces.Only(only) : faces;
        return warnings is null ? faces : faces.Warning(warnings);
    }

    /// <summary>Returns a sink that passes warnings to <c>MLContext.Log</c>, with kind <c>Warning</c> and source <c>MlNetEmotion</c>, for
    /// <see cref="LoadFaces"/> and <see cref="TrainingRunOptions.Warnings"/>. It is needed because ML.NET lets only its own components write to a context's log.</summary>
    public static IProgress<string> WarningLog(this MLContext ml)
    {
        ArgumentNullException.ThrowIfNull(ml);
        return new ContextLog(ml);
    }

    /// <summary>Opens generated sample faces, drawn as they are read, with the columns of <see cref="LoadFaces"/>.</summary>
    /// <param name="trainCount">Number of training faces; classes alternate.</param>
    /// <param name="validationCount">Number of validation faces, which come last.</param>
    /// <param name="seed">The same seed gives the same faces.</param>
    public static IDataView LoadSampleFaces(this DataOperationsCatalog catalog, int trainCount = 5600, int validationCount = 1400, int seed = 1)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return FaceSource.Samples(trainCount, validationCount, (ulong)seed);
    }

    /// <summary>Creates a trainer for a convolutional network that classifies the seven emotions, with libtorch. Only <see cref="TrainingOptions.Seed"/>
    /// decides randomness; the <c>MLContext</c>'s seed is ignored.</summary>
    /// <param name="options">The settings; null for those that suit FER2013. <see cref="TrainingOptions.For"/> returns a network's own defaults.</param>
    /// <param name="run">The run's folder, callbacks and warnings; null for a run that leaves no files.</param>
    /// <param name="labelColumnName">The column of classes: a key from 1 to 7, such as <c>MapEmotionToKey</c> creates.</param>
    /// <param name="featureColumnName">The column of faces: float32 [1, 48, 48], gray, 0 to 255.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range; the message names the setting and its range.</exception>
    /// <exception cref="ArgumentException">A setting has no effect without another, such as <see cref="TrainingOptions.VoteWeight"/> without
    /// <see cref="TrainingOptions.Votes"/>.</exception>
    public static EmotionCnnTrainer EmotionCnn(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, TrainingOptions? options = null, TrainingRunOptions? run = null,
        string labelColumnName = EmotionCatalog.LabelColumn, string featureColumnName = EmotionCatalog.FaceColumn)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new EmotionCnnTrainer(options ?? new TrainingOptions(), run ?? new TrainingRunOptions(), labelColumnName, featureColumnName);
    }

    private sealed class ContextLog(MLContext ml) : IProgress<string>
    {
        public void Report(string value)
        {
            using IChannel channel = ((IChannelProvider)ml).Start(nameof(MlNetEmotion));
            channel.Warning(MessageSensitivity.UserData, value);
        }
    }
}
