// Starts a program in a new console, where it can be sent keys, and does one of these to it:
//   Helper ctrl-c|ctrl-break TEXT PROGRAM ARGUMENT…    presses the keys once the program has written the text;
//   Helper hold FILE MILLISECONDS PROGRAM ARGUMENT…    has the file open until so long after the program has finished what shall replace it.
// Passes on the program's output and exit code; 99 where it did not end within a minute, 98 where the keys did not arrive.
using System.Diagnostics;
using System.Runtime.InteropServices;

const uint KeysC = 0;
const uint KeysBreak = 1;
const int NotEnded = 99;
const int NotDelivered = 98;
TimeSpan patience = TimeSpan.FromSeconds(60);

// The new console would take the standard streams.
using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
_ = FreeConsole();
_ = AllocConsole();
bool holds = args[0] == "hold";
string[] command = holds ? args[3..] : args[2..];
var written = new List<string>();
bool isDelivered = args[0] != "ctrl-break";    // by what this process, on the same console, gets of it
using FileStream? held = holds ? new FileStream(args[1], FileMode.Open, FileAccess.Read, FileShare.ReadWrite) : null;
using var program = new Process { StartInfo = new ProcessStartInfo(command[0], command[1..]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true } };
program.OutputDataReceived += (_, line) => Take(line.Data);
program.ErrorDataReceived += (_, line) => Take(line.Data);
program.Start();
program.BeginOutputReadLine();
program.BeginErrorReadLine();
if (holds)
{
    SpinWait.SpinUntil(() => File.Exists(args[1] + ".tmp") || program.HasExited, patience);
    program.WaitForExit(int.Parse(args[2]));
    held!.Dispose();
}
else
{
    SpinWait.SpinUntil(() => Has(args[1]), patience * 3);
    _ = SetConsoleCtrlHandler(0, true);
    using var ignored = PosixSignalRegistration.Create(PosixSignal.SIGQUIT, context => (context.Cancel, isDelivered) = (true, true));
    _ = GenerateConsoleCtrlEvent(args[0] == "ctrl-c" ? KeysC : KeysBreak, 0);
}

if (!program.WaitForExit(patience))
{
    program.Kill();
    return isDelivered ? NotEnded : NotDelivered;
}

program.WaitForExit();
return program.ExitCode;

void Take(string? line)
{
    if (line is not null)
    {
        lock (written)
        {
            written.Add(line);
        }

        output.WriteLine(line);
    }
}

bool Has(string text)
{
    lock (written)
    {
        return written.Exists(line => line.Contains(text, StringComparison.OrdinalIgnoreCase));
    }
}

[DllImport("kernel32")] static extern bool AllocConsole();
[DllImport("kernel32")] static extern bool FreeConsole();
[DllImport("kernel32")] static extern bool SetConsoleCtrlHandler(nint handler, bool add);
[DllImport("kernel32")] static extern bool GenerateConsoleCtrlEvent(uint ctrlEvent, uint group);
