using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace MlNetEmotion.Onnx;

/// <summary>ONNX Runtime as this library starts it: with its telemetry turned off before its first use.</summary>
public static partial class OnnxSession
{
    /// <summary>The name in error messages of a model without a path.</summary>
    internal const string Unnamed = "model";

    private static readonly Lazy<bool> Prepared = new(Prepare);

    /// <summary>Loads a model file.</summary>
    /// <param name="path">A self-contained ONNX file.</param>
    /// <param name="options">ONNX Runtime settings; null for the defaults.</param>
    /// <returns>The session; the caller disposes of it.</returns>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="ModelException">The file is not an ONNX file, is damaged, or ONNX Runtime cannot run it.</exception>
    /// <exception cref="DllNotFoundException">ONNX Runtime's native library is missing, or not for this system.</exception>
    internal static InferenceSession Load(string path, OnnxOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return File.Exists(path)
            ? Load(File.ReadAllBytes(path), path, options)
            : throw new FileNotFoundException($"{path}: there is no such model file", path);
    }

    /// <summary>Loads a model from a stream. Reads to the end and leaves the stream open.</summary>
    internal static InferenceSession Load(Stream model, OnnxOptions? options = null) => Load(ReadToEnd(model), NameOf(model), options);

    /// <summary>Loads a model from memory.</summary>
    /// <param name="model">An ONNX file's bytes; not used after the call.</param>
    /// <param name="name">The model's name in error messages, usually its path.</param>
    /// <exception cref="ModelException">The bytes are not an ONNX file, are damaged, or ONNX Runtime cannot run them.</exception>
    /// <exception cref="DllNotFoundException">ONNX Runtime's native library is missing, or not for this system.</exception>
    internal static InferenceSession Load(byte[] model, string name, OnnxOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(name);
        TurnTelemetryOff();
        options ??= new OnnxOptions();
        using var native = new SessionOptions
        {
            // ONNX Runtime's default is the machine's number of cores, not of those that this process may use.
            IntraOpNumThreads = options.Threads ?? Environment.ProcessorCount,
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

    /// <summary>A stream's name in error messages.</summary>
    internal static string NameOf(Stream model) => model is FileStream file ? file.Name : Unnamed;

    internal static byte[] ReadToEnd(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }

    /// <summary>
    /// Turns ONNX Runtime's telemetry off; further calls do nothing. Loading a model by this library calls it. A program that uses
    /// ONNX Runtime directly must call it before the first use.
    /// </summary>
    /// <exception cref="DllNotFoundException">ONNX Runtime's native library is missing, or not for this system.</exception>
    public static void TurnTelemetryOff() => _ = Prepared.Value;

    private static bool Prepare()
    {
        // The native library reads the process's environment, which Environment.SetEnvironmentVariable does not change on Unix.
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
                // Errors are thrown as exceptions; logging them too would show them twice.
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

    /// <summary>Sets an environment variable for native libraries; not available on Windows.</summary>
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SetNativeVariable(string name, string value, int overwrite);
}
