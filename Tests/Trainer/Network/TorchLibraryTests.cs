using MlNetEmotion.Trainer.Network;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Network;

public sealed class TorchLibraryTests
{
    [Theory]
    [InlineData("LibTorchSharp", "/lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found", "linux-x64", "TorchSharp's library needs GLIBCXX_3.4.32, which this system's libstdc++ does not have (Debian 12, Ubuntu 22.04, RHEL 9). A build with the package MlNetEmotion.Training, or with Trainer/TorchSharp.targets imported, makes a copy that does without; scripts (#r) need a newer system")]
    [InlineData("torch_cpu", "no such file", "linux-x64", "libtorch cannot be loaded on linux-x64: it comes with the NuGet package libtorch-cpu-linux-x64. no such file")]
    [InlineData("LibTorchSharp", "no such file", "osx-arm64", "TorchSharp's library cannot be loaded on osx-arm64: it comes with the NuGet package TorchSharp. no such file")]
    [InlineData("torch_cpu", "no such file", "win-x64", "libtorch cannot be loaded on win-x64: it comes with the NuGet package libtorch-cpu-win-x64, and needs the Microsoft Visual C++ 2015-2022 Redistributable (winget install Microsoft.VCRedist.2015+.x64). no such file")]
    [InlineData("torch_cpu", "no such\nfile", "linux-arm64", "there is no libtorch for linux-arm64: training runs on linux-x64, win-x64, osx-arm64. no such file")]
    [InlineData("torch_cpu", "no such file", "osx-x64", "there is no libtorch for osx-x64: training runs on linux-x64, win-x64, osx-arm64. no such file")]
    [InlineData("torch_cpu", "no such file", "linux-musl-x64", "libtorch cannot be loaded on linux-musl-x64: it is built for glibc, and this system has musl, as Alpine does. Use a system or container image with glibc, such as Debian or Ubuntu. no such file")]
    public void Explain_Failure_NamesItsCause(string library, string cause, string system, string expected) =>
        Assert.Equal(expected, TorchLibrary.Explain(library, cause, system));
}
