using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Faces;
using MlNetEmotion.Smoothing;

namespace MlNetEmotion.Detector.Running;

/// <summary>The options that decide which faces are found in an image and how they are scored: of a run, of a shard, and of the server.</summary>
internal sealed record RecognitionOptions
{
    /// <summary>The lowest setting of <see cref="MinFacePixels"/>.</summary>
    public const int MinFacePixelsFloor = 20;

    private const string Auto = "auto";
    private static readonly SmoothingOptions Usual = new();

    /// <summary>The emotion model's file; null for the built-in model.</summary>
    [Setting("The emotion model: an ONNX file as 'Trainer export' writes it, or a pipeline that ML.NET saved. [default: the model that comes with the program]", Alias = "-m", Value = "FILE.onnx|PIPELINE.zip")]
    public string? Model { get; init; }
    [Setting("The face detector: the YuNet network (any pose), which comes with the program, or OpenCV's Haar or LBP cascade (frontal faces), which 'Detector models download' downloads. [default: yunet, or a cascade if --face-model names an .xml]", Name = "--face-detector", Value = "haar|lbp|yunet", OneOf = ["haar", "lbp", "yunet"])]
    public string? NamedDetector { get; init; }
    [Setting("Another model for the face detector: a YuNet network as .onnx, or a cascade as .xml. [default: the YuNet that comes with the program, or the cascade that is installed]", Value = "FILE")]
    public string? FaceModel { get; init; }
    [Setting("Skip face detection: each image as a whole is one face, as in data sets of cropped faces.")] public bool Cropped { get; init; }

    /// <summary>Width in pixels to which frames are scaled for detection; null for the default of the input's kind.</summary>
    [Setting("Scale wider frames down to this width for face detection. Smaller is faster.", Value = "PIXELS", Min = 64)] public int? DetectWidth { get; init; }
    [Setting($"Detect faces in every N-th frame and track them in between; auto detects less often while tracking is stable. [default: {Auto}]", Value = "N|auto", Check = nameof(CheckDetectEvery))]
    public string DetectEvery { get; init; } = Auto;
    [Setting("The side of the smallest face to detect, in pixels of the frame. Larger is faster.", Min = MinFacePixelsFloor)] public int MinFacePixels { get; init; } = FacePreprocessor.Size;
    [Setting("Smooth predictions over time: the time constant of a face's probabilities. 0 scores each frame independently.", Name = "--smoothing", Value = "SECONDS", Min = 0, Max = 60)]
    public double SmoothingSeconds { get; init; } = Usual.TimeConstant.TotalSeconds;
    [Setting("Show predictions below this probability as uncertain; 0 never does.", Value = "P", Min = 0, Max = 1)] public double UncertainBelow { get; init; } = Usual.UncertainBelow;
    [Settings] public DoubtOptions Doubts { get; init; } = new();

    public FaceDetectorKind FaceDetector => Cropped ? FaceDetectorKind.Cropped : Enum.Parse<FaceDetectorKind>(NamedDetector ?? Auto, ignoreCase: true);

    /// <summary>Whether faces are detected by YuNet.</summary>
    public bool IsYuNet => FaceDetectors.IsYuNet(FaceDetector, FaceModel);

    /// <summary>Detection interval in frames; null for the adaptive schedule.</summary>
    public int? DetectInterval => int.TryParse(DetectEvery, out int frames) ? frames : null;

    public SmoothingOptions Smoothing => new() { TimeConstant = TimeSpan.FromSeconds(SmoothingSeconds), UncertainBelow = UncertainBelow };

    /// <summary>The message about a value of <c>--detect-every</c>; null if it is valid.</summary>
    public static string? CheckDetectEvery(string typed) =>
        typed == Auto || (int.TryParse(typed, out int frames) && frames >= 1) ? null : $"--detect-every is '{typed}', must be a number from 1, or {Auto}.";

    /// <exception cref="UsageException">Two options exclude each other.</exception>
    public void Check()
    {
        if (Cropped && (NamedDetector ?? FaceModel) is not null)
        {
            throw new UsageException("--cropped does not detect faces: leave out --face-detector and --face-model, or --cropped.");
        }
    }

    /// <summary>Returns the width in pixels to which frames are scaled for detection.</summary>
    public int DetectWidthOf(bool areStills) => DetectWidth ?? (areStills ? FaceDetectorOptions.StillDetectWidth : FaceDetectorOptions.VideoDetectWidth);

    /// <summary>Loads the face detector.</summary>
    /// <param name="countsSmaller">Whether it counts the faces that it leaves out because they are too small.</param>
    public IFaceDetector LoadDetector(bool areStills, bool countsSmaller) => FaceDetectors.Load(FaceDetector, FaceModel, new FaceDetectorOptions
    {
        DetectWidth = DetectWidthOf(areStills),
        MinFacePixels = MinFacePixels,
        MinCountedPixels = countsSmaller ? MinFacePixelsFloor : int.MaxValue,
    });

    /// <summary>Reads the detector's model file; null for a detector without one.</summary>
    public byte[]? ReadFaceModel() => FaceDetectors.ReadModel(FaceDetector, FaceModel);
}
