using System.CommandLine;
using System.CommandLine.Parsing;
using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Reports;

namespace MlNetEmotion.Trainer.Commands;

/// <summary><c>Trainer samples</c>: a contact sheet of faces.</summary>
internal static class SamplesCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Image folders or FER2013's CSV; without it, generated faces", HelpName = "DIR|CSV" };
        Option<string> classes = ClassesOption.Create();
        var emotion = new Option<Emotion?>("--emotion")
        {
            Description = "Show only this expression",
            HelpName = string.Join('|', Emotions.Labels),
            CustomParser = ParseEmotion,
        };
        var output = new Option<FileInfo>("--output") { Description = "The picture", HelpName = "FILE.png", Required = true };
        var count = new Option<int>("--count") { Description = "Faces of each expression", HelpName = "N", DefaultValueFactory = _ => 24 };
        var seed = new Option<ulong>("--seed") { Description = "Chooses the faces", HelpName = "N", DefaultValueFactory = _ => 1 };
        var command = new Command("samples", "Draw a contact sheet of faces") { data, classes, emotion, output, count, seed };
        command.SetAction((parsed, cancellationToken) =>
        {
            Emotion[] shown = parsed.GetValue(emotion) is { } only ? [only] : Enum.GetValues<Emotion>();
            int perClass = parsed.GetValue(count);
            if (perClass < 1)
            {
                throw new UsageException($"--count {perClass}: expected at least 1");
            }

            var choice = new FaceChoice(shown, perClass, parsed.GetValue(seed));
            ILookup<Emotion, byte[]> faces = parsed.GetValue(data) is not null
                ? choice.From(classes.Open(parsed, data), parsed.InvocationConfiguration.Error, cancellationToken)
                : choice.Generated();
            string file = parsed.GetRequiredValue(output).FullName;
            byte[] sheet = ContactSheet.ToPng([.. shown.Select(one => (one, faces[one].ToArray()))]);
            AtomicFile.Write(file, stream => stream.Write(sheet));
            parsed.InvocationConfiguration.Output.WriteLine($"wrote {file}");
            return Task.FromResult(ExitCodes.Success);
        });
        return command;
    }

    private static Emotion? ParseEmotion(ArgumentResult argument)
    {
        string text = argument.Tokens[0].Value;
        if (Emotions.TryParse(text, out Emotion emotion))
        {
            return emotion;
        }

        argument.AddError($"--emotion '{text}': expected one of {string.Join(", ", Emotions.Labels)}.");
        return null;
    }
}
