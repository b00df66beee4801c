using System.Text;

namespace MlNetEmotion.Programs;

/// <summary>Sets a Windows console to UTF-8 while a program runs, so that messages show paths with all characters. Other systems always use UTF-8.</summary>
internal sealed class ConsoleEncoding : IDisposable
{
    private readonly Encoding? before;

    public ConsoleEncoding()
    {
        if (OperatingSystem.IsWindows())
        {
            before = Console.OutputEncoding;
            Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        }
    }

    // Restored because the code page belongs to the console and would outlast the program.
    public void Dispose()
    {
        if (before is not null)
        {
            Console.OutputEncoding = before;
        }
    }
}
