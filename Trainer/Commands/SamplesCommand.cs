using System.CommandLine;
using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Reports;

namespace MlNetEmotion.Trainer.Commands;

/// <summary><c>Trainer samples</c>: draws a contact sheet of faces.</summary>
internal static class SamplesCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Image folders or FER2013's CSV; without it, generated faces", HelpName = "DIR|CSV" };
        Option<string> classes = ClassesOption.Create();
        var emotion = new Option<string>("--emotion") { Description = "Show only this expression", HelpName = string.Join('|', Emotions.Labels) };
        emotion.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: string typed }] && !Emotions.TryParse(typed, out _))
            {
                result.AddError($"--emotion is '{typed}', but must be one of {string.Join(", ", Emotions.Labels)}.");
            }
        });
        var output = new Option<FileInfo>("--output") { Description = "The image file to write", HelpName = "FILE.png", Required = true };
        var count = new Option<int>("--count") { Description = "Faces of each expression", HelpName = "N", DefaultValueFactory = _ => 24 };
        var seed = new Option<ulong>("--seed") { Description = "The same seed chooses the same faces", HelpName = "N", DefaultValueFactory = _ => 1 };
        Option<bool> force = OutputFiles.ForceOption();
        count.MustBe(1);
        var command = new Command("samples", "Draw a contact sheet of faces") { data, classes, emotion, output, count, seed, force };
        command.SetAction((parsed, cancellationToken) =>
        {
            string file = parsed.GetRequiredValue(output).FullName;
            OutputFiles.CheckEnding(file, ".png");
            OutputFiles.Check(parsed.GetValue(force), [parsed.GetValue(data)], file);
            Emotion[] shown = Emotions.TryParse(parsed.GetValue(emotion), out Emotion only) ? [only] : Enum.GetValues<Emotion>();
            var choice = new FaceChoice(shown, parsed.GetValue(count), parsed.GetValue(seed));
            ILookup<Emotion, byte[]> faces = parsed.GetValue(data) is not null
                ? choice.From(classes.Open(parsed, data), parsed.InvocationConfiguration.Error, cancellationToken)
                : choice.Generated();
            Emotion[] drawn = [.. shown.Where(faces.Contains)];
            byte[] sheet = ContactSheet.ToPng([.. drawn.Select(one => faces[one].ToArray())]);
            AtomicFile.Write(file, stream => stream.Write(sheet));
            parsed.InvocationConfiguration.Output.WriteLine($"wrote {file}{(drawn.Length > 1 ? $": {string.Join(", ", drawn)}, from top to bottom" : "")}");
            return Task.FromResult(ExitCodes.Success);
        });
        return command;
    }
}
