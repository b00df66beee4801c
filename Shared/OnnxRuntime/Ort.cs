using System.Runtime.InteropServices;
using MlNetEmotion.Native;

namespace MlNetEmotion.OnnxRuntime;

/// <summary>ONNX Runtime in this process: its function table, environment and default allocator, made at the first use.</summary>
internal static unsafe class Ort
{
    // Errors come back as statuses, and from there as exceptions; printing them too would show them twice.
    private const int LogFatal = 4;

    private const int ArenaAllocator = 1;
    private const int DefaultMemory = 0;

    private static readonly Lazy<nint> LazyTable = new(Load);
    private static readonly Lazy<OrtHandle> LazyEnv = new(CreateEnvironment);
    private static readonly Lazy<OrtHandle> LazyCpuMemory = new(CreateCpuMemory);

    /// <summary>The function table.</summary>
    /// <exception cref="NativeException">The library is missing, or too old.</exception>
    public static OrtApi* Api => (OrtApi*)LazyTable.Value;

    /// <summary>The process's environment. ONNX Runtime wants one, which lives as long as the process.</summary>
    public static OrtHandle Env => LazyEnv.Value;

    /// <summary>Describes memory that the CPU reads and writes.</summary>
    public static OrtHandle CpuMemory => LazyCpuMemory.Value;

    /// <summary>Throws where a call failed; frees its status in any case.</summary>
    /// <param name="status">What the call returned: null for success.</param>
    /// <param name="operation">The function's name.</param>
    /// <exception cref="NativeException">The call failed.</exception>
    public static void Check(nint status, string operation)
    {
        if (status == 0)
        {
            return;
        }

        string message = Marshal.PtrToStringUTF8((nint)Api->GetErrorMessage(status)) ?? "";
        Api->ReleaseStatus(status);
        throw new NativeException($"{nameof(OrtApi)}.{operation}", message);
    }

    /// <summary>Reads a string that was allocated by the default allocator, and frees it.</summary>
    /// <param name="text">UTF-8, ends with a NUL; or null.</param>
    public static string TakeString(byte* text)
    {
        string result = Marshal.PtrToStringUTF8((nint)text) ?? "";
        Check(Api->AllocatorFree(Allocator(), text), nameof(OrtApi.AllocatorFree));
        return result;
    }

    /// <summary>The default allocator; static, never freed.</summary>
    public static nint Allocator()
    {
        nint allocator;
        Check(Api->GetAllocatorWithDefaultOptions(&allocator), nameof(OrtApi.GetAllocatorWithDefaultOptions));
        return allocator;
    }

    private static nint Load()
    {
        OrtApiBase* api = ((delegate* unmanaged<OrtApiBase*>)NativeLibrary.GetExport(LoadLibrary(), "OrtGetApiBase"))();
        OrtApi* table = api->GetApi(OrtApi.Version);
        return table != null
            ? (nint)table
            : throw new NativeException(
                "loading ONNX Runtime",
                $"version 1.{OrtApi.Version} or newer is needed, found {Marshal.PtrToStringUTF8((nint)api->GetVersionString())}");
    }

    private static nint LoadLibrary()
    {
        string name = OperatingSystem.IsWindows() ? "onnxruntime.dll"
            : OperatingSystem.IsMacOS() ? "libonnxruntime.1.dylib"
            : "libonnxruntime.so.1";
        try
        {
            return NativeLibrary.Load(name, typeof(Ort).Assembly, searchPath: null);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new NativeException(
                "loading ONNX Runtime",
                $"no {name} for {RuntimeInformation.RuntimeIdentifier}; those for linux-x64, linux-arm64, win-x64, win-arm64 and "
                + $"osx-arm64 come with MlNetEmotion, for others put your own beside the program. {e.Message}");
        }
    }

    private static OrtHandle CreateEnvironment()
    {
        nint env;
        fixed (byte* name = "MlNetEmotion"u8)
        {
            Check(Api->CreateEnv(LogFatal, name, &env), nameof(OrtApi.CreateEnv));
        }

        var handle = new OrtHandle(env, Api->ReleaseEnv);

        // Only the Windows library sends any; a program that looks at faces should not.
        Check(Api->DisableTelemetryEvents(env), nameof(OrtApi.DisableTelemetryEvents));
        return handle;
    }

    private static OrtHandle CreateCpuMemory()
    {
        nint memory;
        Check(Api->CreateCpuMemoryInfo(ArenaAllocator, DefaultMemory, &memory), nameof(OrtApi.CreateCpuMemoryInfo));
        return new OrtHandle(memory, Api->ReleaseMemoryInfo);
    }
}
