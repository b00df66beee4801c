using Microsoft.ML;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;

namespace MlNetEmotion.Trainer.Training;

/// <summary>The notices on a run's data and the model to expect, one line each.</summary>
internal static class TrainingNotices
{
    /// <summary>Returns the notices without repetition. A view that reports its own warnings has reported those of its images already.</summary>
    /// <param name="input">The view of the training faces.</param>
    /// <param name="validation">The view of the validation faces; null if they come from <paramref name="input"/>.</param>
    public static IEnumerable<Notice> Of(TrainingData data, IDataView input, IDataView? validation, TrainingOptions options)
    {
        IEnumerable<Notice> images = [.. OfView(input, data.Train), .. OfView(validation ?? input, data.Validation)];
        return images.Concat(OfRun(data, options).Select(Notice.Warning)).Distinct();
    }

    /// <summary>Describes how many training images were left out as duplicates, if any were, and in how many the detector found a face, if it searched.</summary>
    public static string[] OfTraining(TrainingRun run) =>
    [
        .. run.Data.Dropped == 0 ? Array.Empty<string>()
            : [$"{run.Reference.Name}: {run.Data.Dropped} training images left out, which have a duplicate or near-duplicate in another split"],
        .. run.Data.Train.Boxes is not { } boxes ? Array.Empty<string>()
            : [$"{run.Reference.Name}: the detector found a face in {boxes.Count(box => box is not null)} of {boxes.Count} training images; any other keeps its own frame"],
    ];

    private static IEnumerable<Notice> OfView(IDataView view, FaceDataset faces) => view is FaceDataView { Warned: not null } ? [] : DatasetNotices.Of(faces);

    private static IEnumerable<string> OfRun(TrainingData data, TrainingOptions options)
    {
        int shared = Duplicates.Shared(data.Validation, data.Train).Count;
        if (shared > 0)
        {
            yield return $"{shared} of {data.Validation.Count} validation images are identical to a training image, which inflates the validation metrics; --drop-duplicates leaves those out";
        }

        foreach (string warning in data.Warnings())
        {
            yield return warning;
        }

        if (!options.Rehearse && CalibrationCheck.TooFew(data.Validation) is { } tooFew)
        {
            yield return $"{data.Validation.Name}: {tooFew}; the model is left uncalibrated, so its confidence may mean little. Add validation images";
        }
    }
}
