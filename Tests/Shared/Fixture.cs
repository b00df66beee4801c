namespace MlNetEmotion.Tests.Shared;

/// <summary>The files of Tests/Fixtures, beside the tests' program.</summary>
internal static class Fixture
{
    public static string Path(params string[] names) => System.IO.Path.Combine([AppContext.BaseDirectory, "Fixtures", .. names]);

    public static string Model(string name) => Path("Onnx", name + ".onnx");
}
