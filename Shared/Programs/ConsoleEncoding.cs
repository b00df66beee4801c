using System.Text;

namespace MlNetEmotion.Programs;

/// <summary>UTF-8 on a console of Windows while a program runs: paths keep all their letters in messages. Other systems have it always.</summary>
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

    // The code page is the console's, and stays when the program has ended.
    public void Dispose()
    {
        if (before is not null)
        {
            Console.OutputEncoding = before;
        }
    }
}
