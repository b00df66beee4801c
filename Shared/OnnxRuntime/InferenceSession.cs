using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using MlNetEmotion.Native;

namespace MlNetEmotion.OnnxRuntime;

/// <summary>
/// An ONNX model, loaded into ONNX Runtime, whose inputs and outputs are float32 tensors on the CPU.
/// <para>Thread-safe: any number of threads may run it at once. Disposing of it while a run is under way is safe too; the model
/// is freed when the last run is over.</para>
/// </summary>
public sealed unsafe class InferenceSession : IDisposable
{
    private readonly OrtHandle session;
    private readonly byte[][] inputNames; // UTF-8, ends with a NUL, pinned
    private readonly byte[][] outputNames;

    /// <summary>Loads a model file.</summary>
    /// <param name="path">A self-contained ONNX file.</param>
    /// <param name="options">How to run it; null for the defaults.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelException">It is no ONNX file, a damaged one, or one that ONNX Runtime cannot run.</exception>
    /// <exception cref="NativeException">ONNX Runtime's library is missing or too old.</exception>
    public InferenceSession(string path, SessionOptions? options = null)
        : this(ReadFile(path), path, options)
    {
    }

    /// <summary>Loads a model from memory.</summary>
    /// <param name="model">An ONNX file's bytes; not needed any more afterwards.</param>
    /// <param name="name">What errors call the model: its path, as a rule.</param>
    /// <param name="options">How to run it; null for the defaults.</param>
    /// <exception cref="ModelException">The bytes are no ONNX file, a damaged one, or one that ONNX Runtime cannot run.</exception>
    /// <exception cref="NativeException">ONNX Runtime's library is missing or too old.</exception>
    public InferenceSession(ReadOnlySpan<byte> model, string name, SessionOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        session = Load(model, name, options ?? new SessionOptions());
        using OrtHandle.Lease lease = session.Borrow();
        Inputs = Array.AsReadOnly(ModelReader.ReadInputs(lease.Pointer));
        Outputs = Array.AsReadOnly(ModelReader.ReadOutputs(lease.Pointer));
        Metadata = ModelReader.ReadMetadata(lease.Pointer).AsReadOnly();
        inputNames = [.. Inputs.Select(input => Pinned(input.Name))];
        outputNames = [.. Outputs.Select(output => Pinned(output.Name))];
    }

    /// <summary>What the model takes, in the graph's order.</summary>
    public IReadOnlyList<TensorInfo> Inputs { get; }

    /// <summary>What the model gives, in the graph's order.</summary>
    public IReadOnlyList<TensorInfo> Outputs { get; }

    /// <summary>The model's own metadata properties.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Runs a model of one input from the caller's memory into the caller's memory; nothing is copied or allocated.</summary>
    /// <param name="inputName">The input.</param>
    /// <param name="input">Its elements, row-major.</param>
    /// <param name="inputShape">Its shape.</param>
    /// <param name="outputName">The output wanted.</param>
    /// <param name="output">Receives its elements, row-major.</param>
    /// <param name="outputShape">The shape it will have.</param>
    /// <exception cref="ArgumentException">The model has no such input or output, or a span's length is not its shape's.</exception>
    /// <exception cref="NativeException">A shape is not the model's, or the run failed.</exception>
    /// <exception cref="ObjectDisposedException">The session was disposed of.</exception>
    public void Run(
        string inputName,
        ReadOnlySpan<float> input,
        ReadOnlySpan<long> inputShape,
        string outputName,
        Span<float> output,
        ReadOnlySpan<long> outputShape)
    {
        using OrtHandle.Lease lease = session.Borrow();
        fixed (byte* inputUtf8 = inputNames[IndexOf(Inputs, inputName)], outputUtf8 = outputNames[IndexOf(Outputs, outputName)])
        fixed (float* inputValues = input, outputValues = output)
        {
            using var inputTensor = OrtValue.Over(inputValues, input.Length, inputShape, inputName);
            using var outputTensor = OrtValue.Over(outputValues, output.Length, outputShape, outputName);
            byte* inputAddress = inputUtf8, outputAddress = outputUtf8;
            nint inputPointer = inputTensor.Pointer, outputPointer = outputTensor.Pointer;
            Ort.Check(
                Ort.Api->Run(lease.Pointer, 0, &inputAddress, &inputPointer, 1, &outputAddress, 1, &outputPointer),
                nameof(OrtApi.Run));
        }
    }

    /// <summary>Runs a model of one input into memory that serves one run after another; nothing is copied or allocated.</summary>
    /// <param name="input">The input.</param>
    /// <param name="outputs">The outputs wanted, each with the shape it will have.</param>
    /// <exception cref="ArgumentException">The model has no such input or output.</exception>
    /// <exception cref="NativeException">A shape is not the model's, or the run failed.</exception>
    /// <exception cref="ObjectDisposedException">The session was disposed of.</exception>
    public void Run(TensorBuffer input, params ReadOnlySpan<TensorBuffer> outputs)
    {
        using OrtHandle.Lease lease = session.Borrow();
        var names = stackalloc byte*[outputs.Length];
        var values = stackalloc nint[outputs.Length];
        new Span<nint>(values, outputs.Length).Clear();
        using OrtValue inputTensor = input.ToNative();
        byte* inputName = Address(inputNames[IndexOf(Inputs, input.Name)]);
        nint inputPointer = inputTensor.Pointer;
        try
        {
            for (int i = 0; i < outputs.Length; i++)
            {
                names[i] = Address(outputNames[IndexOf(Outputs, outputs[i].Name)]);
                values[i] = outputs[i].ToNative().Pointer;
            }

            Ort.Check(
                Ort.Api->Run(lease.Pointer, 0, &inputName, &inputPointer, 1, names, (nuint)outputs.Length, values),
                nameof(OrtApi.Run));
        }
        finally
        {
            for (int i = 0; i < outputs.Length; i++)
            {
                Ort.Api->ReleaseValue(values[i]); // null is allowed
            }
        }
    }

    /// <summary>Runs a model of any inputs and gives all its outputs.</summary>
    /// <param name="inputs">A tensor for each input, in any order.</param>
    /// <returns>A tensor for each output, in the graph's order.</returns>
    /// <exception cref="ArgumentException">The model has no such input, or a tensor's length is not its shape's.</exception>
    /// <exception cref="ModelException">An output is not float32.</exception>
    /// <exception cref="NativeException">An input is missing, a shape is not the model's, or the run failed.</exception>
    /// <exception cref="ObjectDisposedException">The session was disposed of.</exception>
    public IReadOnlyList<FloatTensor> Run(params ReadOnlySpan<FloatTensor> inputs)
    {
        if (Outputs.FirstOrDefault(output => output.ElementType != TensorElementType.Float32) is { } other)
        {
            throw new ModelException($"output '{other.Name}' is {other.ElementType}, expected Float32");
        }

        using OrtHandle.Lease lease = session.Borrow();
        var names = stackalloc byte*[inputs.Length];
        var values = stackalloc nint[inputs.Length];
        var memory = new MemoryHandle[inputs.Length];
        try
        {
            for (int i = 0; i < inputs.Length; i++)
            {
                (string name, ReadOnlyMemory<float> elements, long[] shape) = inputs[i];
                names[i] = Address(inputNames[IndexOf(Inputs, name)]);
                memory[i] = elements.Pin();
                values[i] = OrtValue.Over((float*)memory[i].Pointer, elements.Length, shape, name).Pointer;
            }

            return Run(lease.Pointer, names, values, inputs.Length);
        }
        finally
        {
            for (int i = 0; i < inputs.Length; i++)
            {
                Ort.Api->ReleaseValue(values[i]); // null is allowed
                memory[i].Dispose();
            }
        }
    }

    /// <summary>Frees the model.</summary>
    public void Dispose() => session.Dispose();

    private FloatTensor[] Run(nint nativeSession, byte** givenNames, nint* inputs, int inputCount)
    {
        var names = stackalloc byte*[Outputs.Count];
        var values = stackalloc nint[Outputs.Count];
        for (int i = 0; i < Outputs.Count; i++)
        {
            names[i] = Address(outputNames[i]);
            values[i] = 0; // ONNX Runtime makes the tensor
        }

        try
        {
            Ort.Check(
                Ort.Api->Run(nativeSession, 0, givenNames, inputs, (nuint)inputCount, names, (nuint)Outputs.Count, values),
                nameof(OrtApi.Run));
            var outputs = new FloatTensor[Outputs.Count];
            for (int i = 0; i < outputs.Length; i++)
            {
                outputs[i] = new OrtValue(values[i]).Copy(Outputs[i].Name);
            }

            return outputs;
        }
        finally
        {
            for (int i = 0; i < Outputs.Count; i++)
            {
                Ort.Api->ReleaseValue(values[i]);
            }
        }
    }

    private static byte[] ReadFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return File.Exists(path)
            ? File.ReadAllBytes(path)
            : throw new FileNotFoundException($"{path}: there is no such model file", path);
    }

    private static OrtHandle Load(ReadOnlySpan<byte> model, string name, SessionOptions options)
    {
        using OrtHandle nativeOptions = options.ToNative();
        using OrtHandle.Lease optionsLease = nativeOptions.Borrow();
        using OrtHandle.Lease env = Ort.Env.Borrow();
        nint session;
        try
        {
            fixed (byte* bytes = model)
            {
                Ort.Check(
                    Ort.Api->CreateSessionFromArray(env.Pointer, bytes, (nuint)model.Length, optionsLease.Pointer, &session),
                    nameof(OrtApi.CreateSessionFromArray));
            }
        }
        catch (NativeException e)
        {
            throw new ModelException($"{name}: not an ONNX model that ONNX Runtime can load ({model.Length} bytes). {e.Message}", e);
        }

        return new OrtHandle(session, Ort.Api->ReleaseSession);
    }

    private static int IndexOf(IReadOnlyList<TensorInfo> tensors, string name)
    {
        for (int i = 0; i < tensors.Count; i++)
        {
            if (tensors[i].Name == name)
            {
                return i;
            }
        }

        throw new ArgumentException($"the model has no '{name}', but {string.Join(", ", tensors.Select(tensor => $"'{tensor.Name}'"))}", nameof(name));
    }

    private static byte[] Pinned(string name)
    {
        byte[] utf8 = GC.AllocateArray<byte>(Encoding.UTF8.GetByteCount(name) + 1, pinned: true);
        Encoding.UTF8.GetBytes(name, utf8);
        return utf8;
    }

    private static byte* Address(byte[] pinned) => (byte*)Unsafe.AsPointer(ref pinned[0]);
}
