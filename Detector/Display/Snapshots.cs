using System.Globalization;

namespace MlNetEmotion.Detector.Display;

/// <summary>Pictures that the user saves from the window.</summary>
internal static class Snapshots
{
    /// <summary>Saves a picture under a name that tells when, and never over another file.</summary>
    public static string Save(string folder, ReadOnlySpan<byte> png, DateTime time)
    {
        Directory.CreateDirectory(folder);
        string name = string.Create(CultureInfo.InvariantCulture, $"snapshot-{time:yyyyMMdd-HHmmss}");
        for (int i = 1; ; i++)
        {
            string path = Path.Combine(folder, i == 1 ? $"{name}.png" : $"{name}-{i}.png");
            if (!File.Exists(path))
            {
                using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
                file.Write(png);
                return path;
            }
        }
    }
}
