using System.Globalization;
using System.Text.Json;
using MlNetEmotion.Detector.Display;
using MlNetEmotion.Programs.Reports;

namespace MlNetEmotion.Detector.Reports;

/// <summary>A run as an HTML page that needs nothing else.</summary>
internal static class StoryPage
{
    /// <summary>Writes the page.</summary>
    /// <param name="file">Receives UTF-8.</param>
    /// <param name="title">The heading.</param>
    /// <param name="story">What to show.</param>
    public static void Write(Stream file, string title, Story story)
    {
        using var writer = new StreamWriter(file, leaveOpen: true);
        writer.Write(ToHtml(title, story));
    }

    /// <summary>The page's text.</summary>
    /// <param name="title">The heading.</param>
    /// <param name="story">What to show.</param>
    public static string ToHtml(string title, Story story)
    {
        IEnumerable<uint> colors = Enum.GetValues<Emotion>().Select(EmotionColors.Of).Append(EmotionColors.Uncertain);
        var data = new StoryData(
            story, [.. Emotions.Labels, "Uncertain"], [.. colors.Select(rgb => string.Create(CultureInfo.InvariantCulture, $"#{rgb:x6}"))]);
        return HtmlPage.Render(typeof(StoryPage).Assembly, "story.html", title, JsonSerializer.Serialize(data, StoryJson.Default.StoryData));
    }
}
