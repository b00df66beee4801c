#if !NET9_0_OR_GREATER
namespace System.Runtime.CompilerServices;

/// <summary>Marks the overload that C# 13 and later choose if a literal <c>default</c> matches two. .NET 8 lacks this type; the compiler finds it by
/// its name.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Constructor | AttributeTargets.Property, Inherited = false)]
internal sealed class OverloadResolutionPriorityAttribute(int priority) : Attribute
{
    public int Priority => priority;
}
#endif
