using Microsoft.ML;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;

namespace MlNetEmotion.Trainer.Training;

/// <summary>Names what a run's data left out and what its model will lack, a line each.</summary>
internal static class TrainingNotices
{
    /// <summary>The lines, each once. A view that reports its own warnings has reported those of its images as they were read.</summary>
    /// <param name="data">What was read of the views.</param>
    /// <param name="input">The view of the training faces.</param>
    /// <param name="validation">That of the validation faces; null where these come from the first.</param>
    public static IEnumerable<Notice> Of(TrainingData data, IDataView input, IDataView? validation)
    {
        IEnumerable<Notice> images = [.. OfView(input, data.Train), .. OfView(validation ?? input, data.Validation)];
        return images.Concat(OfRun(data).Select(Notice.Warning)).Distinct();
    }

    /// <summary>Says how many training images were left out for standing in another split; null where none was.</summary>
    public static string? Dropped(TrainingData data, string name) => data.Dropped == 0 ? null
        : $"{name}: {data.Dropped} training images left out, which stand in another split, identically or nearly";

    private static IEnumerable<Notice> OfView(IDataView view, FaceDataset faces) => view is FaceDataView { Warned: not null } ? [] : DatasetNotices.Of(faces);

    private static IEnumerable<string> OfRun(TrainingData data)
    {
        int shared = Duplicates.Shared(data.Validation, data.Train).Count;
        if (shared > 0)
        {
            yield return $"{shared} of {data.Validation.Count} validation images are identical to a training image, which flatters validation figures; --drop-duplicates leaves those out";
        }

        foreach (string warning in data.Warnings())
        {
            yield return warning;
        }

        if (CalibrationCheck.TooFew(data.Validation) is { } tooFew)
        {
            yield return $"{data.Validation.Name}: {tooFew}; the model is left uncalibrated, so its confidence may mean little. Add validation images";
        }
    }
}
