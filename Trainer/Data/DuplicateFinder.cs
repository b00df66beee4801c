using System.Diagnostics.CodeAnalysis;

namespace MlNetEmotion.Trainer.Data;

/// <summary>Finds faces that are identical, byte for byte.</summary>
public static class DuplicateFinder
{
    /// <summary>Faces of one dataset that also stand in another, for example validation faces that a network has trained on.</summary>
    /// <param name="dataset">Whose faces to look for.</param>
    /// <param name="other">Where to look for them.</param>
    /// <returns>Indices into <paramref name="dataset"/>, ascending.</returns>
    public static IReadOnlyList<int> Shared(FaceDataset dataset, FaceDataset other)
    {
        var known = Enumerable.Range(0, other.Count).Select(i => new Face(other, i)).ToHashSet();
        return [.. Enumerable.Range(0, dataset.Count).Where(i => known.Contains(new Face(dataset, i)))];
    }

    /// <summary>Faces of one dataset that stand in it more than once.</summary>
    /// <param name="dataset">Where to look.</param>
    /// <returns>Groups of two or more indices, each ascending.</returns>
    public static IReadOnlyList<IReadOnlyList<int>> Groups(FaceDataset dataset) =>
        [.. Enumerable.Range(0, dataset.Count).GroupBy(i => new Face(dataset, i)).Select(group => group.ToArray()).Where(group => group.Length > 1)];

    /// <summary>Groups of identical faces whose labels differ: at least one of them is wrong.</summary>
    /// <param name="dataset">Where to look.</param>
    /// <returns>Groups of two or more indices, each ascending.</returns>
    public static IReadOnlyList<IReadOnlyList<int>> ConflictingGroups(FaceDataset dataset) =>
        [.. Groups(dataset).Where(group => group.Any(i => dataset.Labels[i] != dataset.Labels[group[0]]))];

    /// <summary>Faces that show nothing: every pixel has one value.</summary>
    /// <param name="dataset">Where to look.</param>
    /// <returns>Indices, ascending.</returns>
    public static IReadOnlyList<int> Blank(FaceDataset dataset) =>
        [.. Enumerable.Range(0, dataset.Count).Where(i => !dataset.Face(i).ContainsAnyExcept(dataset.Face(i)[0]))];

    /// <summary>A face that is equal to another where their pixels are.</summary>
    private readonly struct Face(FaceDataset dataset, int index) : IEquatable<Face>
    {
        private readonly FaceDataset dataset = dataset;
        private readonly int index = index;

        public bool Equals(Face other) => dataset.Face(index).SequenceEqual(other.dataset.Face(other.index));

        public override bool Equals([NotNullWhen(true)] object? obj) => obj is Face other && Equals(other);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            hash.AddBytes(dataset.Face(index));
            return hash.ToHashCode();
        }
    }
}
