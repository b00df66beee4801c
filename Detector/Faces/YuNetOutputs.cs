using MlNetEmotion.OnnxRuntime;

namespace MlNetEmotion.Detector.Faces;

/// <summary>What YuNet gives for an image of one size: a guess for each cell of three grids.</summary>
internal sealed class YuNetOutputs
{
    /// <summary>Images are multiples of this a side.</summary>
    public const int MaxStride = 32;

    private static readonly int[] Strides = [8, 16, MaxStride];

    private readonly TensorBuffer[] all;

    /// <summary>Makes room.</summary>
    /// <param name="width">The image's; a multiple of <see cref="MaxStride"/>.</param>
    /// <param name="height">The image's; a multiple of <see cref="MaxStride"/>.</param>
    public YuNetOutputs(int width, int height)
    {
        Grids = [.. Strides.Select(stride => new Grid(stride, width / stride, height / stride))];
        all = [.. Grids.SelectMany(grid => new[] { grid.Class, grid.Objectness, grid.Boxes, grid.Landmarks })];
    }

    /// <summary>The names of all outputs.</summary>
    public static IEnumerable<string> Names => new YuNetOutputs(0, 0).all.Select(output => output.Name);

    /// <summary>All outputs.</summary>
    public ReadOnlySpan<TensorBuffer> All => all;

    /// <summary>The grids, finest first.</summary>
    public Grid[] Grids { get; }

    /// <summary>A grid of cells, row by row.</summary>
    /// <param name="stride">A cell's side in the image's pixels.</param>
    /// <param name="columns">Cells a row.</param>
    /// <param name="rows">Rows of cells.</param>
    internal sealed class Grid(int stride, int columns, int rows)
    {
        /// <summary>A cell's side in the image's pixels.</summary>
        public int Stride => stride;

        /// <summary>Cells a row.</summary>
        public int Columns => columns;

        /// <summary>The probability that what is there is a face: float32 [1, cells, 1].</summary>
        public TensorBuffer Class { get; } = new($"cls_{stride}", 1, columns * rows, 1);

        /// <summary>The probability that something is there: float32 [1, cells, 1].</summary>
        public TensorBuffer Objectness { get; } = new($"obj_{stride}", 1, columns * rows, 1);

        /// <summary>The box's middle from the cell, in strides, and the logarithm of its sides in strides: float32 [1, cells, 4].</summary>
        public TensorBuffer Boxes { get; } = new($"bbox_{stride}", 1, columns * rows, 4);

        /// <summary>Five points x, y from the cell, in strides: float32 [1, cells, 10].</summary>
        public TensorBuffer Landmarks { get; } = new($"kps_{stride}", 1, columns * rows, 10);
    }
}
