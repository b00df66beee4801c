using System.CommandLine;
using MlNetEmotion.Trainer.Data;

namespace MlNetEmotion.Trainer.Commands;

/// <summary>The option <c>--classes</c>, which maps a data set's class names.</summary>
internal static class ClassesOption
{
    public static Option<string> Create() => new("--classes")
    {
        Description = "The classes of the data's folders, or of a CSV's values of 'emotion': 1=surprise,2=fear,contempt=none, where 'none' leaves a class out. "
            + "Without it, numbers are FER2013's",
        HelpName = ClassNames.Form,
    };

    /// <summary>Opens the faces that the options name.</summary>
    public static FaceDataView Open(this Option<string> classes, ParseResult parsed, Option<string> data) =>
        FaceSource.Open(parsed.GetRequiredValue(data), ClassNames.Parse(parsed.GetValue(classes)));
}
