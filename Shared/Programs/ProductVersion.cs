using System.Reflection;

namespace MlNetEmotion.Programs;

/// <summary>The version that written files carry.</summary>
public static class ProductVersion
{
    /// <summary>Gets the version of this program, for example <c>0.1.0</c>.</summary>
    public static string Current { get; } =
        typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
