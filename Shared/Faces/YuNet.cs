using System.Numerics;
using System.Runtime.CompilerServices;
using Microsoft.ML.OnnxRuntime;
using MlNetEmotion.Onnx;

namespace MlNetEmotion.Faces;

/// <summary>
/// Detects faces of any pose with YuNet (W. Wu et al.: YuNet, a tiny millisecond-level face detector, 2023). Accepts any export with
/// the outputs <c>cls_S</c>, <c>obj_S</c>, <c>bbox_S</c> and <c>kps_S</c> for the strides S of 8, 16 and 32; if its input has a fixed size,
/// images are scaled to fit. A default network is part of this library. Thread-safe.
/// </summary>
public sealed class YuNet : IDisposable
{
    private const string DefaultNetworkResource = "face_detection_yunet_2026may.onnx";

    // YuNet detects faces of about 10 to 300 pixels. If the shorter side of the image searched is at least twice this, larger faces are
    // possible: they are detected in a second copy whose shorter side is this.
    private const double CloseUpSide = 320;
    private const double MinRatio = 2;

    // In pixels of the first copy: faces between the two sizes are accepted from either copy.
    private const double CloseUpMinSide = 256;
    private const double MaxFullPassSide = 320;

    // The quick pass for still images searches a copy in which the smallest accepted face has this many pixels (docs/detection.md has the
    // measurements); the network returns at least a trace of such faces. Its result is used if there are faces and all of them are clear.
    private const double QuickMinFaceSide = 24;
    private const float TraceScore = 0.1f;
    private const float ClearScore = 0.8f;

    // In pixels of the smaller copy: landmarks of smaller faces are too coarse.
    private const double QuickMinBoxSide = 48;

    // The range of the copy's downscale factor relative to the full pass: more makes landmarks too coarse, less does not save enough time.
    private const double MaxQuickRatio = 2;
    private const double MinQuickRatio = 1.5;

    private readonly FaceDetectorOptions options;
    private readonly RunPool<Search> searches;

    /// <summary>Loads a network from a file.</summary>
    /// <param name="path">An ONNX file, for example OpenCV's <c>face_detection_yunet_2023mar.onnx</c>; <see cref="LoadDefault"/> needs none.</param>
    /// <param name="options">Face detection settings; null for the defaults, which fit videos.</param>
    /// <param name="onnx">ONNX Runtime settings. By default one thread, since the network is too small to gain much from more.</param>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="ModelException">The file is not a YuNet.</exception>
    /// <exception cref="DllNotFoundException">ONNX Runtime's native library is missing.</exception>
    public YuNet(string path, FaceDetectorOptions? options = null, OnnxOptions? onnx = null)
        : this(OnnxSession.Load(path, WithOneThread(onnx)), path, options)
    {
    }

    /// <summary>Loads a network from a stream with an ONNX file's bytes. Reads to the end and leaves the stream open.</summary>
    /// <inheritdoc cref="YuNet(byte[], FaceDetectorOptions, OnnxOptions)"/>
    public YuNet(Stream model, FaceDetectorOptions? options = null, OnnxOptions? onnx = null)
        : this(OnnxSession.Load(model, WithOneThread(onnx)), OnnxSession.NameOf(model), options)
    {
    }

    /// <summary>Loads a network from memory.</summary>
    /// <param name="model">An ONNX file's bytes; not used after the call.</param>
    /// <param name="options">Face detection settings; null for the defaults, which fit videos.</param>
    /// <param name="onnx">ONNX Runtime settings. By default one thread, since the network is too small to gain much from more.</param>
    /// <exception cref="ModelException">The bytes are not a YuNet.</exception>
    /// <exception cref="DllNotFoundException">ONNX Runtime's native library is missing.</exception>
    public YuNet(byte[] model, FaceDetectorOptions? options = null, OnnxOptions? onnx = null)
        : this(OnnxSession.Load(model, OnnxSession.Unnamed, WithOneThread(onnx)), OnnxSession.Unnamed, options)
    {
    }

    private YuNet(InferenceSession session, string name, FaceDetectorOptions? options)
    {
        this.options = options ?? new FaceDetectorOptions();
        try
        {
            (string input, int width, int height) = Check(session, name);
            searches = new RunPool<Search>(session, () => new Search(session, input, width, height));
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Loads the default network, which is part of this library: OpenCV's <c>face_detection_yunet_2026may.onnx</c>.</summary>
    /// <param name="options">Face detection settings; null for the defaults, which fit videos.</param>
    /// <param name="onnx">ONNX Runtime settings. By default one thread, since the network is too small to gain much from more.</param>
    /// <exception cref="DllNotFoundException">ONNX Runtime's native library is missing.</exception>
    public static YuNet LoadDefault(FaceDetectorOptions? options = null, OnnxOptions? onnx = null) =>
        new(OnnxSession.Load(ReadDefaultNetwork(), DefaultNetworkResource, WithOneThread(onnx)), DefaultNetworkResource, options);

    /// <summary>The bytes of the default network's ONNX file.</summary>
    internal static byte[] ReadDefaultNetwork()
    {
        using Stream resource = typeof(YuNet).Assembly.GetManifestResourceStream(DefaultNetworkResource)!;    // no build without it succeeds
        return OnnxSession.ReadToEnd(resource);
    }

    /// <summary>Detects the faces in an image.</summary>
    /// <param name="image">An image of any size and format.</param>
    /// <returns>The faces from left to right, in the image's pixels; boxes may extend beyond the image.</returns>
    /// <exception cref="ArgumentException">The image is empty.</exception>
    /// <exception cref="ObjectDisposedException">The detector was disposed of.</exception>
    [OverloadResolutionPriority(1)]
    public FaceDetection[] Detect(ImageView image)
    {
        var faces = new List<FaceDetection>();
        Detect(image, faces);
        return [.. faces];
    }

    /// <inheritdoc cref="Detect(ImageView)"/>
    public FaceDetection[] Detect(ImageMemory image) => Detect(image.View);

    /// <summary>Detects the faces in an image. For loops: allocates nothing once the list is large enough.</summary>
    /// <param name="image">An image of any size and format.</param>
    /// <param name="faces">Cleared, then receives the faces from left to right, in the image's pixels; boxes may extend beyond the image.</param>
    /// <exception cref="ArgumentException">The image is empty.</exception>
    /// <exception cref="ObjectDisposedException">The detector was disposed of.</exception>
    [OverloadResolutionPriority(1)]
    public void Detect(ImageView image, List<FaceDetection> faces) => Detect(image, faces, out _);

    /// <inheritdoc cref="Detect(ImageView, List{FaceDetection})"/>
    public void Detect(ImageMemory image, List<FaceDetection> faces) => Detect(image.View, faces);

    /// <param name="smaller">The number of high-score faces below the minimum side that the options count.</param>
    internal void Detect(ImageView image, List<FaceDetection> faces, out int smaller)
    {
        ArgumentNullException.ThrowIfNull(faces);
        image.ThrowIfEmpty(nameof(image));
        Search search = searches.Rent();
        try
        {
            smaller = search.Run(image, options, faces);
        }
        finally
        {
            searches.Return(search);
        }
    }

    /// <summary>Frees the network as soon as the calls in progress have returned.</summary>
    public void Dispose() => searches.Dispose();

    private static OnnxOptions WithOneThread(OnnxOptions? onnx) => (onnx ?? new OnnxOptions()) with { Threads = onnx?.Threads ?? 1 };

    private static (string Input, int Width, int Height) Check(InferenceSession session, string name)
    {
        string[] expected = [.. YuNetGrid.For(0, 0).SelectMany(grid => grid.Outputs).Select(output => output.Name)];
        if (session.InputNames.Count != 1 || expected.Except(session.OutputNames).Any())
        {
            throw new ModelException(
                $"{name}: not a YuNet face detector; expected one image input and the outputs {string.Join(", ", expected)}, "
                + $"found {session.InputNames.Count} inputs and the outputs {string.Join(", ", session.OutputNames)}.");
        }

        string input = session.InputNames[0];
        NodeMetadata image = session.InputMetadata[input];
        return image.IsTensor && image.Dimensions is [1 or -1, 3, int height, int width] && Fits(height) && Fits(width)
            ? (input, width, height)
            : throw new ModelException(
                $"{name}: input '{input}' is [{string.Join(", ", image.IsTensor ? image.Dimensions : [])}], expected [1, 3, height, width], "
                + $"each either free (-1) or a multiple of {YuNetGrid.MaxStride}: use another export of YuNet.");

        static bool Fits(int side) => side == -1 || (side > 0 && side % YuNetGrid.MaxStride == 0);
    }

    /// <summary>The buffers of one caller.</summary>
    /// <param name="fixedWidth">The width of the network's input, or -1 for any multiple of 32; likewise <paramref name="fixedHeight"/>.</param>
    private sealed class Search(InferenceSession session, string inputName, int fixedWidth, int fixedHeight) : IDisposable
    {
        private readonly YuNetPass whole = new(new YuNetRun(session, inputName, fixedWidth, fixedHeight));
        private readonly YuNetPass closeUp = new(new YuNetRun(session, inputName, fixedWidth, fixedHeight));
        private readonly RollEstimator rollEstimator = new(new YuNetRun(session, inputName, fixedWidth, fixedHeight));
        private readonly YuNetDecoder decoder = new();

        public int Run(ImageView image, FaceDetectorOptions options, List<FaceDetection> faces)
        {
            double scale = Math.Max(options.ScaleDown(image.Width, image.Height), whole.Network.MinScale(image));
            int smaller = TryQuickPass(image, scale, options, faces) ? 0 : RunFullPass(image, scale, options, faces);
            for (int i = 0; i < faces.Count; i++)
            {
                faces[i] = rollEstimator.Upright(image, faces[i]);
            }

            faces.Sort(static (a, b) => (a.Box.X, a.Box.Y).CompareTo((b.Box.X, b.Box.Y)));
            return smaller;
        }

        // Returns whether the result is unambiguous.
        private bool TryQuickPass(ImageView image, double scale, FaceDetectorOptions options, List<FaceDetection> faces)
        {
            double quickScale = Math.Min(options.MinFacePixels / QuickMinFaceSide, MaxQuickRatio * scale);
            bool isStill = options.DetectWidth > FaceDetectorOptions.VideoDetectWidth;
            if (!options.UsesQuickPass || !isStill || quickScale < MinQuickRatio * scale || closeUp.Network.HasFixedSize)
            {
                return false;
            }

            faces.Clear();
            decoder.Decode(closeUp.At(image, quickScale, out Vector2 pixel), pixel, new YuNetRange(MinSide: 0, MinScore: TraceScore), faces);
            double minSide = Math.Max(QuickMinBoxSide * quickScale, options.MinFacePixels);
            double maxSide = CloseUpMinSide * quickScale;
            foreach (FaceDetection face in faces)
            {
                if (!(face.Score >= ClearScore && face.Box.Width >= minSide && face.Box.Width <= maxSide))
                {
                    return false;
                }
            }

            return faces.Count > 0;
        }

        // Returns the number of high-score faces below the minimum side.
        private int RunFullPass(ImageView image, double scale, FaceDetectorOptions options, List<FaceDetection> faces)
        {
            faces.Clear();
            double closeUpScale = Math.Min(image.Width, image.Height) / CloseUpSide;
            double maxSide = double.PositiveInfinity;
            if (closeUpScale >= MinRatio * scale)
            {
                double minSide = Math.Max(options.MinFacePixels, CloseUpMinSide * scale);
                decoder.Decode(closeUp.At(image, closeUpScale, out Vector2 closeUpPixel), closeUpPixel, new YuNetRange(minSide, MinScore: FaceDetection.HighScoreThreshold), faces);
                maxSide = MaxFullPassSide * scale;
            }

            var range = new YuNetRange(options.MinFacePixels, maxSide) { MinCountedSide = options.MinCountedPixels };
            return decoder.Decode(whole.At(image, scale, out Vector2 pixel), pixel, range, faces);
        }

        public void Dispose()
        {
            whole.Dispose();
            closeUp.Dispose();
            rollEstimator.Dispose();
        }
    }
}
