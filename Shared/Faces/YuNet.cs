using System.Numerics;
using System.Runtime.CompilerServices;
using Microsoft.ML.OnnxRuntime;
using MlNetEmotion.Imaging;
using MlNetEmotion.Onnx;

namespace MlNetEmotion.Faces;

/// <summary>
/// Finds faces of any pose by YuNet (W. Wu et al.: YuNet, a tiny millisecond-level face detector, 2023). Any export serves that
/// has outputs <c>cls_S</c>, <c>obj_S</c>, <c>bbox_S</c> and <c>kps_S</c> for the strides S of 8, 16 and 32; images are fitted into
/// one whose input has a fixed size. One comes with this library. Thread-safe.
/// </summary>
public sealed class YuNet : IDisposable
{
    private const string DefaultNetworkResource = "face_detection_yunet_2026may.onnx";

    // YuNet knows faces of about 10 to 300 pixels. Where an image's shorter side is searched at twice this or more, faces may be
    // larger, so they are looked for in a second, smaller copy, whose shorter side is this.
    private const double CloseUpSide = 320;
    private const double MinRatio = 2;

    // In the first copy's pixels: a face between the two sizes may be found in either.
    private const double CloseUpMinSide = 256;
    private const double MaxFullPassSide = 320;

    // A still image is first looked at in a smaller copy, where the smallest face that is wanted has this many pixels (docs/detection.md has the
    // measurements): of such faces the network sees a trace at least. The answer counts if there are faces, and all that is seen are clear ones.
    private const double QuickMinFaceSide = 24;
    private const float TraceScore = 0.1f;
    private const float ClearScore = 0.8f;

    // In the smaller copy's pixels: a smaller face's points would be rough.
    private const double QuickMinBoxSide = 48;

    // The copy is at most so much smaller than the close look's, for rough points again, and at least so much, to be worth its time.
    private const double MaxQuickRatio = 2;
    private const double MinQuickRatio = 1.5;

    private readonly FaceDetectorOptions options;
    private readonly RunPool<Search> searches;

    /// <summary>Loads a network.</summary>
    /// <param name="path">Its ONNX file, for example OpenCV's <c>face_detection_yunet_2023mar.onnx</c>; <see cref="LoadDefault"/> needs none.</param>
    /// <param name="options">How to look for faces; null for the defaults.</param>
    /// <param name="onnx">How to run it; null for one thread, more of which gain little on so small a network.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelException">It is no YuNet.</exception>
    /// <exception cref="DllNotFoundException">ONNX Runtime's native library is missing.</exception>
    public YuNet(string path, FaceDetectorOptions? options = null, OnnxOptions? onnx = null)
        : this(OnnxSession.Load(path, onnx ?? OneThread), path, options)
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

    private static OnnxOptions OneThread => new() { Threads = 1 };

    /// <summary>Loads the network that comes with this library: OpenCV's <c>face_detection_yunet_2026may.onnx</c>.</summary>
    /// <param name="options">How to look for faces; null for the defaults.</param>
    /// <param name="onnx">How to run it; null for one thread, more of which gain little on so small a network.</param>
    /// <exception cref="DllNotFoundException">ONNX Runtime's native library is missing.</exception>
    public static YuNet LoadDefault(FaceDetectorOptions? options = null, OnnxOptions? onnx = null) =>
        new(OnnxSession.Load(ReadDefaultNetwork(), DefaultNetworkResource, onnx ?? OneThread), DefaultNetworkResource, options);

    /// <summary>Reads the ONNX file that comes with this library.</summary>
    internal static byte[] ReadDefaultNetwork()
    {
        using Stream resource = typeof(YuNet).Assembly.GetManifestResourceStream(DefaultNetworkResource)!;    // no build without it succeeds
        var network = new byte[resource.Length];
        resource.ReadExactly(network);
        return network;
    }

    /// <summary>Finds the faces in an image.</summary>
    /// <param name="image">An image of any size and format.</param>
    /// <param name="faces">Emptied, then receives the faces, from left to right, in the image's pixels; they may stick out of it.</param>
    /// <exception cref="ArgumentException">The image is empty.</exception>
    /// <exception cref="ObjectDisposedException">The detector was disposed of.</exception>
    [OverloadResolutionPriority(1)]
    public void Detect(ImageView image, List<FaceDetection> faces) => Detect(image, faces, out _);

    /// <inheritdoc cref="Detect(ImageView, List{FaceDetection})"/>
    public void Detect(ImageMemory image, List<FaceDetection> faces) => Detect(image.View, faces);

    /// <param name="smaller">How many sure faces are smaller than the least that is wanted, of those that the options count.</param>
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

    /// <summary>Frees the network, once the last search that is under way is over.</summary>
    public void Dispose() => searches.Dispose();

    private static (string Input, int Width, int Height) Check(InferenceSession session, string name)
    {
        string[] expected = [.. YuNetGrid.For(0, 0).SelectMany(grid => grid.Outputs).Select(output => output.Name)];
        if (session.InputNames.Count != 1 || expected.Except(session.OutputNames).Any())
        {
            throw new ModelException(
                $"{name}: no YuNet face detector; expected one image input and the outputs {string.Join(", ", expected)}, "
                + $"found {session.InputNames.Count} inputs and the outputs {string.Join(", ", session.OutputNames)}.");
        }

        string input = session.InputNames[0];
        NodeMetadata image = session.InputMetadata[input];
        return image.IsTensor && image.Dimensions is [1 or -1, 3, int height, int width] && Fits(height) && Fits(width)
            ? (input, width, height)
            : throw new ModelException(
                $"{name}: input '{input}' is [{string.Join(", ", image.IsTensor ? image.Dimensions : [])}], expected [1, 3, height, width], "
                + $"each either free (-1) or a multiple of {YuNetGrid.MaxStride}: take another export of YuNet.");

        static bool Fits(int side) => side == -1 || (side > 0 && side % YuNetGrid.MaxStride == 0);
    }

    /// <summary>What one search needs to itself.</summary>
    /// <param name="fixedWidth">The network's, or -1 where any multiple of 32 will do.</param>
    /// <param name="fixedHeight">The same, down.</param>
    private sealed class Search(InferenceSession session, string inputName, int fixedWidth, int fixedHeight) : IDisposable
    {
        private readonly YuNetPass whole = new(new YuNetRun(session, inputName, fixedWidth, fixedHeight));
        private readonly YuNetPass closeUp = new(new YuNetRun(session, inputName, fixedWidth, fixedHeight));
        private readonly RollEstimator rolls = new(new YuNetRun(session, inputName, fixedWidth, fixedHeight));
        private readonly YuNetDecoder decoder = new();

        public int Run(ImageView image, FaceDetectorOptions options, List<FaceDetection> faces)
        {
            double scale = Math.Max(options.ScaleDown(image.Width, image.Height), whole.MinScale(image));
            int smaller = TryQuickPass(image, scale, options, faces) ? 0 : RunFullPass(image, scale, options, faces);
            for (int i = 0; i < faces.Count; i++)
            {
                faces[i] = rolls.Upright(image, faces[i]);
            }

            faces.Sort(static (a, b) => (a.Box.X, a.Box.Y).CompareTo((b.Box.X, b.Box.Y)));
            return smaller;
        }

        // Whether that leaves no doubt.
        private bool TryQuickPass(ImageView image, double scale, FaceDetectorOptions options, List<FaceDetection> faces)
        {
            double quickScale = Math.Min(options.MinFacePixels / QuickMinFaceSide, MaxQuickRatio * scale);
            bool isStill = options.DetectWidth > FaceDetectorOptions.VideoDetectWidth;
            if (!options.UsesQuickPass || !isStill || quickScale < MinQuickRatio * scale || closeUp.IsOfFixedSize)
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

        // How many sure faces are smaller than wanted.
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

            var range = new YuNetRange(options.MinFacePixels, maxSide) { CountFrom = options.CountFromPixels };
            return decoder.Decode(whole.At(image, scale, out Vector2 pixel), pixel, range, faces);
        }

        public void Dispose()
        {
            whole.Dispose();
            closeUp.Dispose();
            rolls.Dispose();
        }
    }
}
