using System.Runtime.InteropServices;
using MlNetEmotion.Onnx;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Onnx;

public sealed class NativeLibraryErrorTests
{
    [Theory]
    [InlineData("linux-x64", "ONNX Runtime cannot be loaded on linux-x64: it comes with the NuGet package Microsoft.ML.OnnxRuntime. no such file: liba.so")]
    [InlineData("linux-musl-x64", "ONNX Runtime cannot be loaded on linux-musl-x64: it is built for glibc, and this system has musl, as Alpine does. Use a system or container image with glibc, such as Debian or Ubuntu. no such file: liba.so")]
    [InlineData("alpine.3.20-arm64", "ONNX Runtime cannot be loaded on alpine.3.20-arm64: it is built for glibc, and this system has musl, as Alpine does. Use a system or container image with glibc, such as Debian or Ubuntu. no such file: liba.so")]
    [InlineData("win-arm64", "ONNX Runtime cannot be loaded on win-arm64: it comes with the NuGet package Microsoft.ML.OnnxRuntime, and needs the Microsoft Visual C++ 2015-2022 Redistributable (winget install Microsoft.VCRedist.2015+.arm64). no such file: liba.so")]
    public void Explain_Library_NamesTheSystemsUsualCause(string runtime, string expected) =>
        Assert.Equal(expected, NativeLibraryError.Explain("ONNX Runtime", "Microsoft.ML.OnnxRuntime", "no such file:\nliba.so\n", runtime));

    [Fact]
    public void Explain_NoSystemNamed_NamesThisOne() =>
        Assert.StartsWith($"A cannot be loaded on {RuntimeInformation.RuntimeIdentifier}: ", NativeLibraryError.Explain("A", "B", "c"), StringComparison.Ordinal);
}
