using MlNetEmotion.Imaging;
using MlNetEmotion.Native.OpenCv;
using MlNetEmotion.OnnxRuntime;
using MlNetEmotion.Tracking;

namespace MlNetEmotion.Detector.Faces;

/// <summary>
/// Finds faces of any pose by YuNet (W. Wu et al.: YuNet, a tiny millisecond-level face detector, 2023) in ONNX Runtime. Any
/// export serves that has outputs <c>cls_S</c>, <c>obj_S</c>, <c>bbox_S</c> and <c>kps_S</c> for the strides S of 8, 16 and 32.
/// </summary>
internal sealed class YuNetFaceDetector : IFaceDetector
{
    /// <summary>The name of the file in the models' folder is this and anything.</summary>
    public const string FilePattern = "*yunet*.onnx";

    private readonly InferenceSession session;
    private readonly FaceDetectorOptions options;
    private readonly FrameScaler scaler;
    private readonly YuNetDecoder decoder = new();
    private TensorBuffer input;
    private YuNetOutputs outputs;

    /// <summary>Loads a network.</summary>
    /// <param name="path">Its ONNX file.</param>
    /// <param name="options">How to look for faces; null for the defaults.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelException">It is no YuNet.</exception>
    public YuNetFaceDetector(string path, FaceDetectorOptions? options = null)
    {
        this.options = options ?? new FaceDetectorOptions();
        session = new InferenceSession(path, new SessionOptions { IntraOpThreads = 1 });
        try
        {
            Check(path);
        }
        catch
        {
            session.Dispose();
            throw;
        }

        scaler = new FrameScaler(this.options.DetectWidth);
        (input, outputs) = Prepare(YuNetOutputs.MaxStride, YuNetOutputs.MaxStride);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<FaceDetection> Detect(Mat frame)
    {
        Mat small = scaler.Scale(frame);
        int width = RoundUp(small.Width);
        int height = RoundUp(small.Height);
        if (input.Shape[2] != height || input.Shape[3] != width)
        {
            (input, outputs) = Prepare(width, height);
        }

        Unpack(small.View, input.Values, width, height);
        session.Run(input, outputs.All);
        return decoder.Decode(outputs, scaler, options.MinFacePixels);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        session.Dispose();
        scaler.Dispose();
    }

    /// <summary>Writes a frame as the network takes it; what is beyond the frame is black.</summary>
    /// <param name="frame">BGR.</param>
    /// <param name="planes">Receives float32 [3, height, width], blue, green, red, each in [0, 255].</param>
    /// <param name="width">At least the frame's.</param>
    /// <param name="height">At least the frame's.</param>
    internal static void Unpack(ImageView frame, Span<float> planes, int width, int height)
    {
        if (frame.Width != width || frame.Height != height)
        {
            planes.Clear();
        }

        int plane = width * height;
        for (int y = 0; y < frame.Height; y++)
        {
            ReadOnlySpan<byte> row = frame.Pixels.Slice(y * frame.Stride, frame.Width * 3);
            Span<float> blue = planes.Slice(y * width, frame.Width);
            Span<float> green = planes.Slice(plane + (y * width), frame.Width);
            Span<float> red = planes.Slice((2 * plane) + (y * width), frame.Width);
            for (int x = 0; x < blue.Length; x++)
            {
                blue[x] = row[3 * x];
                green[x] = row[(3 * x) + 1];
                red[x] = row[(3 * x) + 2];
            }
        }
    }

    private static int RoundUp(int side) => (side + YuNetOutputs.MaxStride - 1) / YuNetOutputs.MaxStride * YuNetOutputs.MaxStride;

    private (TensorBuffer Input, YuNetOutputs Outputs) Prepare(int width, int height) =>
        (new TensorBuffer(session.Inputs[0].Name, 1, 3, height, width), new YuNetOutputs(width, height));

    private void Check(string path)
    {
        string[] missing = [.. YuNetOutputs.Names.Except(session.Outputs.Select(output => output.Name))];
        if (session.Inputs.Count != 1 || missing.Length > 0)
        {
            throw new ModelException(
                $"{path}: no YuNet face detector; expected one image input and the outputs {string.Join(", ", YuNetOutputs.Names)}, "
                + $"found {session.Inputs.Count} inputs and the outputs {string.Join(", ", session.Outputs.Select(output => output.Name))}.");
        }

        TensorInfo image = session.Inputs[0];
        if (image.Shape is not [1 or -1, 3, -1, -1])
        {
            throw new ModelException($"{path}: input '{image.Name}' is {image.ShapeText}, expected [1, 3, height, width] with any height and width: take an export of YuNet with dynamic size.");
        }
    }
}
