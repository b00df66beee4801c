using System.CommandLine;
using System.CommandLine.Parsing;
using System.Reflection;

namespace MlNetEmotion.Programs;

/// <summary>A property that is an option or argument of a command.</summary>
/// <param name="Path">The property, after those that lead from the options to its record.</param>
/// <param name="Read">Returns the typed value; null if none was typed.</param>
internal sealed record Setting(PropertyInfo[] Path, Symbol Symbol, Action<Command> AddTo, Func<SymbolResult, object?> Read)
{
    /// <summary>Returns the value of a property in a record of options.</summary>
    public static object? ValueIn(object options, params IEnumerable<PropertyInfo> path) => path.Aggregate((object?)options, (owner, property) => property.GetValue(owner));
}

/// <summary>The options of a command: one for each property with a <see cref="SettingAttribute"/>, in their order. A property with a
/// <see cref="SettingsAttribute"/> stands for those of its type. A property whose option is not typed keeps its value.</summary>
internal sealed class CommandOptions<T> where T : class, new()
{
    private static readonly MethodInfo CreateMethod = typeof(CommandOptions<T>).GetMethod(nameof(Create), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <param name="parent">The settings of the parent command: an option for the same property is shared, so that it may also precede this command.</param>
    /// <param name="other">Options with other defaults, which the help shows too, and the name of the case that they apply to.</param>
    public CommandOptions(IReadOnlyList<Setting>? parent = null, (T Defaults, string Case)? other = null) => Settings =
    [
        .. from path in Paths(typeof(T), [])
           select parent?.FirstOrDefault(setting => setting.Path[^1] == path[^1]) is { } shared ? shared with { Path = path }
               : (Setting)CreateMethod.MakeGenericMethod(path[^1].PropertyType).Invoke(null, [path, DefaultOf(path, other)])!,
    ];

    public IReadOnlyList<Setting> Settings { get; }

    /// <summary>The option or argument of a name.</summary>
    public Symbol this[string name] => Settings.Single(setting => setting.Symbol.Name == name).Symbol;

    /// <summary>Adds the options to a command, and the action that runs with them.</summary>
    public TCommand AddTo<TCommand>(TCommand command, Func<T, ParseResult, CancellationToken, Task<int>> run) where TCommand : Command
    {
        Settings.ToList().ForEach(setting => setting.AddTo(command));
        command.SetAction((parsed, stop) => run(Read(parsed.CommandResult), parsed, stop));
        return command;
    }

    /// <summary>Adds the options to a command, and the synchronous action that runs with them.</summary>
    public TCommand AddTo<TCommand>(TCommand command, Func<T, InvocationConfiguration, CancellationToken, int> run) where TCommand : Command =>
        AddTo(command, (options, parsed, stop) => Task.FromResult(run(options, parsed.InvocationConfiguration, stop)));

    /// <summary>Makes a command check which of its options were typed together.</summary>
    /// <param name="check">Receives the typed options' names; returns a message for a wrong combination, else null.</param>
    public void Check(Command command, Func<IReadOnlyList<string>, CommandResult, string?> check) => command.Validators.Add(result =>
    {
        if (check(Typed(result), result) is { } wrong)
        {
            result.AddError(wrong);
        }
    });

    /// <summary>The names of the typed options, in the order of the properties.</summary>
    public IReadOnlyList<string> Typed(SymbolResult result) =>
        [.. Settings.Select(setting => setting.Symbol).OfType<Option>().Where(option => IsTyped(result, option)).Select(option => option.Name)];

    /// <summary>Sets the properties whose options were typed.</summary>
    /// <param name="options">The options to change; null for new ones.</param>
    public T Read(SymbolResult result, T? options = null)
    {
        options ??= new T();
        foreach (Setting setting in Settings)
        {
            if (setting.Read(result) is { } typed)
            {
                setting.Path[^1].SetValue(Setting.ValueIn(options, setting.Path[..^1]), typed);
            }
        }

        return options;
    }

    private static IEnumerable<PropertyInfo[]> Paths(Type type, PropertyInfo[] above) => type.GetProperties().SelectMany(property =>
        property.GetCustomAttribute<SettingAttribute>() is not null ? [[.. above, property]]
        : property.GetCustomAttribute<SettingsAttribute>() is { } nested
            ? Paths(property.PropertyType, [.. above, property]).Where(path => !nested.Without.Contains(path[^1].Name))
            : []);

    // Numeric defaults only; the others are described in their help text.
    private static string DefaultOf(PropertyInfo[] path, (T Defaults, string Case)? other)
    {
        string? usual = Number(Setting.ValueIn(new T(), path));
        string? special = other is null ? usual : Number(Setting.ValueIn(other.Value.Defaults, path));
        return usual is null ? "" : usual == special ? $" [default: {usual}]" : $" [default: {usual}, or {special} for {other!.Value.Case}]";

        static string? Number(object? value) => value switch { int or long or ulong => $"{value}", float or double => $"{value:G3}", _ => null };
    }

    private static Setting Create<TValue>(PropertyInfo[] path, string usual)
    {
        SettingAttribute setting = path[^1].GetCustomAttribute<SettingAttribute>()!;
        Type type = Nullable.GetUnderlyingType(typeof(TValue)) ?? typeof(TValue);
        string name = setting.NameOf(path[^1]);
        Action<SymbolResult> check = OptionValues.Check(name, type, setting, setting.CheckOf(path[^1]));
        if (!name.StartsWith('-'))
        {
            var argument = new Argument<TValue>(name)
            {
                Description = setting.Help,
                HelpName = setting.Value,
                Arity = setting.Required ? ArgumentArity.OneOrMore : ArgumentArity.ZeroOrMore,
                Validators = { check },
            };
            return new Setting(path, argument, command => command.Add(argument), result => result.GetValue(argument));
        }

        var option = new Option<TValue>(name, setting.Alias is null ? [] : [setting.Alias])
        {
            Description = setting.Help + usual,
            HelpName = setting.Value ?? (type == typeof(int) || type == typeof(long) || type == typeof(ulong) ? "N" : type == typeof(float) || type == typeof(double) ? "X" : null),
            Required = setting.Required,
            AllowMultipleArgumentsPerToken = setting.TakesSeveral,
        };
        if (setting.OneOf is { } choices)
        {
            option.AcceptOnlyFromAmong(choices);
        }

        option.Validators.Add(check);
        return new Setting(path, option, command => command.Add(option), result => IsTyped(result, option) ? result.GetValue(option) : null);
    }

    private static bool IsTyped(SymbolResult result, Option option) => result.GetResult(option) is { Implicit: false };
}
