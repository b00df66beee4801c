using System.Reflection;

namespace MlNetEmotion.Trainer.Storage;

/// <summary>The version that written files carry.</summary>
internal static class ProductVersion
{
    /// <summary>Gets the version of this program, for example <c>0.1.0</c>.</summary>
    public static string Current { get; } =
        typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
