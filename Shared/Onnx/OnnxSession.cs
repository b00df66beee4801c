using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace MlNetEmotion.Onnx;

/// <summary>Loads ONNX files into ONNX Runtime, whose telemetry is off from the start.</summary>
public static partial class OnnxSession
{
    private static readonly Lazy<bool> Prepared = new(Prepare);

    /// <summary>Loads a model file.</summary>
    /// <param name="path">A self-contained ONNX file.</param>
    /// <param name="options">How to run it; null for the defaults.</param>
    /// <returns>The session, the caller's to dispose of.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelException">It is no ONNX file, a damaged one, or one that ONNX Runtime cannot run.</exception>
    /// <exception cref="DllNotFoundException">ONNX Runtime's native library is missing, or not for this system.</exception>
    public static InferenceSession Load(string path, OnnxOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return File.Exists(path)
            ? Load(File.ReadAllBytes(path), path, options)
            : throw new FileNotFoundException($"{path}: there is no such model file", path);
    }

    /// <summary>Loads a model from memory.</summary>
    /// <param name="model">An ONNX file's bytes; not needed any more afterwards.</param>
    /// <param name="name">What errors call the model: its path, as a rule.</param>
    /// <exception cref="ModelException">The bytes are no ONNX file, a damaged one, or one that ONNX Runtime cannot run.</exception>
    /// <exception cref="DllNotFoundException">ONNX Runtime's native library is missing, or not for this system.</exception>
    public static InferenceSession Load(byte[] model, string name, OnnxOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(name);
        TurnTelemetryOff();
        options ??= new OnnxOptions();
        using var native = new SessionOptions
        {
            // ONNX Runtime's own default counts the machine's cores, not those that this process may use.
            IntraOpNumThreads = options.Threads == 0 ? Environment.ProcessorCount : options.Threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        native.AddSessionConfigEntry("session.intra_op.allow_spinning", options.Spinning ? "1" : "0");
        options.Configure?.Invoke(native);
        try
        {
            return new InferenceSession(model, native);
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelException($"{name}: not an ONNX model that ONNX Runtime can load ({model.Length} bytes). {e.Message}", e);
        }
    }

    /// <summary>
    /// Keeps ONNX Runtime from reporting to its makers; does nothing the second time. <see cref="Load(string, OnnxOptions?)"/> calls it.
    /// A program that uses ONNX Runtime by itself calls it before its first use: later is too late.
    /// </summary>
    /// <exception cref="DllNotFoundException">ONNX Runtime's native library is missing, or not for this system.</exception>
    public static void TurnTelemetryOff() => _ = Prepared.Value;

    private static bool Prepare()
    {
        // The library reads its process's own environment, which on Unix Environment.SetEnvironmentVariable doesn't reach.
        const string Variable = "ORT_DISABLE_TELEMETRY";
        Environment.SetEnvironmentVariable(Variable, "1");
        if (!OperatingSystem.IsWindows())
        {
            _ = SetNativeVariable(Variable, "1", 1);
        }

        try
        {
            if (!OrtEnv.IsCreated)
            {
                // Errors come back as exceptions; printing them too would show them twice.
                var creation = new EnvironmentCreationOptions { logId = "MlNetEmotion", logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
                OrtEnv.CreateInstanceWithOptions(ref creation);
            }

            OrtEnv.Instance().DisableTelemetryEvents();
            return true;
        }
        catch (Exception e) when ((e as TypeInitializationException)?.InnerException is DllNotFoundException or EntryPointNotFoundException || e is DllNotFoundException)
        {
            throw new DllNotFoundException(NativeLibraryError.Explain("ONNX Runtime", "Microsoft.ML.OnnxRuntime", e.GetBaseException().Message), e);
        }
    }

    /// <summary>Sets a variable of the environment that native libraries read; not on Windows.</summary>
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SetNativeVariable(string name, string value, int overwrite);
}

/// <summary>How ONNX Runtime computes. The defaults suit a program that shares the processor with other work.</summary>
public sealed record OnnxOptions
{
    /// <summary>Threads that share one node's work; 0 for one a processor that this process may use.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int Threads
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    }

    /// <summary>
    /// Whether idle threads spin for a while instead of sleeping: answers come a little sooner, at the price of processor time that
    /// the rest of the program (a camera's decoder, a face detector) then lacks.
    /// </summary>
    public bool Spinning { get; init; }

    /// <summary>Sets whatever else ONNX Runtime offers, for example <c>options => options.AppendExecutionProvider_CUDA()</c>.</summary>
    public Action<SessionOptions>? Configure { get; init; }
}

/// <summary>A model file does not fit: not ONNX, other shapes, other labels. The message says what was expected and found.</summary>
/// <param name="message">What was expected, what was found, and what to do.</param>
/// <param name="innerException">The failure underneath, if any.</param>
public sealed class ModelException(string message, Exception? innerException = null) : Exception(message, innerException);
