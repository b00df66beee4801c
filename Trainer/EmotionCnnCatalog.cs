using Microsoft.ML;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Training;

namespace MlNetEmotion.Trainer;

/// <summary>Faces and the network's trainer, where ML.NET's users look for such.</summary>
public static class EmotionCnnCatalog
{
    /// <summary>
    /// Opens labelled faces: image folders (<c>path/class/**</c> or <c>path/{train,validation,test}/class/**</c>), or FER2013's CSV. An image is decoded when
    /// its column is read, not before. Rows are sorted by path, class by class: shuffle them before a part is taken. Columns: <c>Face</c> (float32 [1, 48, 48],
    /// gray, 0 to 255), <c>Label</c> (a key from 1 to 7, whose values are the emotions' names), <c>Split</c> and <c>Source</c> (text).
    /// </summary>
    /// <param name="path">A folder, or a file whose name ends in <c>.csv</c>.</param>
    /// <param name="split">Only what the folders or the CSV's column <c>Usage</c> name so; null for everything. Data without splits has none to choose:
    /// load everything, and divide it with <c>ml.Data.TrainTestSplit</c>.</param>
    /// <param name="skip">Told of each unreadable image, which is then left out; null makes it an error.</param>
    /// <param name="classes">What the folders' names, or the CSV's values of <c>emotion</c>, mean, whatever the case; null leaves a class out. Without it: the
    /// emotions' names, their usual synonyms, or FER2013's numbers 0 to 6, of which none may be missing among folders. With it, numbers count only by it.</param>
    /// <param name="warnings">Gets each warning once: those of the folders (ignored ones, files without an image's name, numbers read as FER2013's, classes without images)
    /// now, those of images (skipped, one gray all over, not looked at in full) as rows are read. <see cref="WarningLog"/> passes them to the log; null for none.</param>
    /// <exception cref="Programs.UsageException">There is no such file or folder.</exception>
    /// <exception cref="InvalidDataException">It is not laid out as expected, or has no such split; or while reading, an image can't be read.</exception>
    public static IDataView LoadFaces(
        this DataOperationsCatalog catalog, string path, Split? split = null, Action<UnreadableImage>? skip = null, IReadOnlyDictionary<string, Emotion?>? classes = null,
        IProgress<string>? warnings = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(path);
        FaceDataView faces = FaceSource.Open(path, new ClassNames(classes)).Skipping(skip);
        faces = split is { } only ? faces.Only(only) : faces;
        return warnings is null ? faces : faces.Warning(warnings);
    }

    /// <summary>Passes warnings to <c>MLContext.Log</c>, of kind <c>Warning</c> and source <c>MlNetEmotion</c>: for <see cref="LoadFaces"/> and
    /// <see cref="TrainingRunOptions.Warnings"/>, since ML.NET shows a context's log to its own components alone.</summary>
    /// <param name="ml">The context.</param>
    public static IProgress<string> WarningLog(this MLContext ml)
    {
        ArgumentNullException.ThrowIfNull(ml);
        return new ContextLog(ml);
    }

    /// <summary>Draws the built-in generated faces as they are read; the columns are those of <see cref="LoadFaces"/>.</summary>
    /// <param name="trainCount">Faces to train on; the classes take turns.</param>
    /// <param name="validationCount">Faces to measure on, which follow.</param>
    /// <param name="seed">The same seed gives the same faces.</param>
    public static IDataView LoadSampleFaces(this DataOperationsCatalog catalog, int trainCount = 5600, int validationCount = 1400, int seed = 1)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return FaceSource.Samples(trainCount, validationCount, (ulong)seed);
    }

    /// <summary>Trains a convolutional network to tell the seven emotions, with libtorch. Randomness follows from <see cref="TrainingOptions.Seed"/> alone;
    /// the seed of the <c>MLContext</c> changes nothing.</summary>
    /// <param name="options">The settings; null for those that suit FER2013. <see cref="TrainingOptions.For"/> has a network's own.</param>
    /// <param name="run">Where the run is kept, and who hears of it and gets its warnings; null for a run that leaves nothing behind.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of the range that the command line has for it; the message names both.</exception>
    /// <exception cref="ArgumentException">A setting was changed that has no effect without another, such as <see cref="TrainingOptions.VoteShare"/> without
    /// <see cref="TrainingOptions.Votes"/>.</exception>
    public static EmotionCnnTrainer EmotionCnn(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, TrainingOptions? options = null, TrainingRunOptions? run = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new EmotionCnnTrainer(options ?? new TrainingOptions(), run ?? new TrainingRunOptions());
    }
}
