using System.CommandLine;
using System.Reflection;
using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Augmentation;
using MlNetEmotion.Trainer.Network;
using MlNetEmotion.Trainer.Training;

namespace MlNetEmotion.Trainer.Commands;

/// <summary>The options of <c>Trainer train</c>: one for each property with a <see cref="SettingAttribute"/>, and a few with their own syntax. Settings that
/// are not typed keep the network's defaults.</summary>
internal sealed class TrainCommandOptions
{
    private readonly Option<string> network = new("--network") { Description = "The network: emonet, or classic without --data" };
    private readonly Option<string> from = new("--from") { Description = "Start with a trained model's weights instead of random ones", HelpName = "FILE.onnx|RUN" };
    private readonly Option<string[]> teachers = new("--teacher") { Description = "A trained run, checkpoint or model as a teacher; several are averaged", HelpName = "RUN|FILE" };
    private readonly Option<string[]> votes = new("--votes")
    {
        Description = VotesHelp + "; a second head learns their shares. Repeat the option for the validation images' file",
        HelpName = "FILE.csv",
    };

    private readonly Option<bool> noAugmentation = new("--no-augmentation") { Description = "Train on the images without augmentation" };
    private readonly Setting[] training = Setting.Of(TrainingOptions.For);
    private readonly Setting[] augmentation = Setting.Of(name => TrainingOptions.For(name).Augmentation);

    /// <summary>The description of a vote file, for <c>--help</c>.</summary>
    public const string VotesHelp = "The votes of about ten people on each image, as in FER+: a CSV with the images' names in 'file', or their paths if folders share names, and a column of votes for each class; "
        + "votes for contempt, unknown and no face (NF) are left out, and an image without any other counts by its label";

    public TrainCommandOptions() => network.AcceptOnlyFromAmong([.. Networks.Names]);

    /// <summary>All options.</summary>
    public IEnumerable<Option> All =>
        [network, from, teachers, votes, .. training.Select(setting => setting.Option), noAugmentation, .. augmentation.Select(setting => setting.Option)];

    /// <summary>Applies the typed options to the network's defaults.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="defaultNetwork">The network if none was typed.</param>
    /// <exception cref="UsageException">A typed option would have no effect.</exception>
    public TrainingOptions Bind(ParseResult parsed, string defaultNetwork)
    {
        TrainingOptions defaults = TrainingOptions.For(parsed.GetValue(network) ?? defaultNetwork);
        TrainingOptions options = defaults with
        {
            From = parsed.GetValue(from) is string model ? ModelOf(model) : null,
            Teachers = [.. (parsed.GetValue(teachers) ?? []).Select(Teacher.Of)],
            Votes = [.. (parsed.GetValue(votes) ?? []).Select(Path.GetFullPath)],
            Augmentation = parsed.GetValue(noAugmentation) ? AugmentationOptions.None : defaults.Augmentation with { },
        };
        Setting.Bind(training, parsed, options);
        Setting.Bind(augmentation, parsed, options.Augmentation);
        if (options.Optimizer != OptimizerKind.Sgd && IsTyped(nameof(TrainingOptions.Momentum)))
        {
            throw new UsageException($"--momentum applies to SGD only, and {options.Network} trains with {options.Optimizer}: leave it out, or add --optimizer sgd");
        }

        if (options.Teachers.Count == 0 && IsTyped(nameof(TrainingOptions.DistillationWeight)))
        {
            throw new UsageException("--teacher-share needs a teacher: add --teacher RUN, or leave it out");
        }

        if (options.Votes.Count == 0 && new[] { nameof(TrainingOptions.VoteWeight), nameof(TrainingOptions.OutputHead) }.FirstOrDefault(IsTyped) is { } needsVotes)
        {
            throw new UsageException($"{training.Single(setting => setting.Property.Name == needsVotes).Option.Name} needs votes: add --votes FILE.csv, or leave it out");
        }

        return options;

        bool IsTyped(string property) => parsed.GetResult(training.Single(setting => setting.Property.Name == property).Option) is not null;
    }

    private static string ModelOf(string from)
    {
        string path = Directory.Exists(from) ? new RunDirectory(from).Model : from;
        return File.Exists(path) ? path : throw new UsageException($"--from {from}: no model there; name a model's file, or the folder of a finished run");
    }

    /// <summary>A property with its option.</summary>
    private sealed record Setting(PropertyInfo Property, Option Option, Func<ParseResult, object?> Read)
    {
        private static readonly MethodInfo Make = typeof(Setting).GetMethod(nameof(Create), BindingFlags.NonPublic | BindingFlags.Static)!;

        public static Setting[] Of<T>(Func<string, T> defaults) =>
        [
            .. from property in typeof(T).GetProperties()
               let setting = property.GetCustomAttribute<SettingAttribute>()
               where setting is not null
               select (Setting)Make.MakeGenericMethod(WithNull(property.PropertyType)).Invoke(null, [property, setting, Defaults(name => property.GetValue(defaults(name)))])!,
        ];

        public static void Bind(IEnumerable<Setting> settings, ParseResult parsed, object options)
        {
            foreach (Setting setting in settings)
            {
                if (setting.Read(parsed) is { } typed)
                {
                    setting.Property.SetValue(options, typed);
                }
            }
        }

        // Numeric defaults only; the others are described in their help text. Only 'classic' overrides any.
        private static string Defaults(Func<string, object?> of)
        {
            (string? usual, string? classic) = (Number(of("emonet")), Number(of("classic")));
            return usual is null ? "" : usual == classic ? $" [default: {usual}]" : $" [default: {usual}, or {classic} for classic]";

            static string? Number(object? value) => value switch { int => $"{value}", float or double => $"{value:G3}", _ => null };
        }

        private static Setting Create<T>(PropertyInfo property, SettingAttribute setting, string defaults)
        {
            string kebab = string.Concat(property.Name.Select((letter, i) => char.IsUpper(letter) && i > 0 ? $"-{letter}" : $"{letter}")).ToLowerInvariant();
            var option = new Option<T>(setting.Name ?? $"--{kebab}")
            {
                Description = setting.Help + defaults,
                HelpName = property.PropertyType == typeof(int) ? "N" : property.PropertyType == typeof(double) || property.PropertyType == typeof(float) ? "X" : null,
            };
            option.AcceptOnlyFromAmong(setting.OneOf ?? []);
            option.MustBe(setting.Min, setting.Max);
            return new Setting(property, option, parsed => parsed.GetValue(option));
        }

        private static Type WithNull(Type type) => type.IsValueType ? typeof(Nullable<>).MakeGenericType(type) : type;
    }
}
