using MlNetEmotion.Trainer.Data;

namespace MlNetEmotion.Trainer.Commands;

/// <summary>Names what a dataset left out: nothing is skipped silently.</summary>
internal static class DatasetNotices
{
    /// <summary>Writes a line for each warning and each unreadable image.</summary>
    /// <param name="error">Where to.</param>
    /// <param name="dataset">The dataset.</param>
    public static void Write(TextWriter error, FaceDataset dataset)
    {
        foreach (string warning in dataset.Warnings)
        {
            error.WriteLine($"warning: {warning}");
        }

        foreach (UnreadableImage image in dataset.Unreadable)
        {
            error.WriteLine($"skipped: {image.Source}: {image.Reason}");
        }
    }
}
