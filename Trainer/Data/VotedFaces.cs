using System.Globalization;
using System.Security.Cryptography;
using Microsoft.ML;

namespace MlNetEmotion.Trainer.Data;

/// <summary>Assigns people's votes to faces.</summary>
internal static class VotedFaces
{
    /// <summary>Matches the lines of vote files with all images.</summary>
    /// <param name="views">The views of all splits, with the faces that were read of them: an image that was not read may have the same name.</param>
    public static VotesMatch Match(IEnumerable<string> files, params IReadOnlyCollection<(IDataView View, FaceDataset Faces)> views)
    {
        // A source that is not a file, in a program's own rows, can stand for several images; and the same file can be read twice.
        string[] read = [.. views.SelectMany(view => Images(view.Faces)).Distinct().Select(image => image.Place)];
        IEnumerable<string> unread = views.SelectMany(view =>
            view.Faces.Unreadable.Select(image => image.Source).Concat((view.View as FaceDataView)?.AllRows().Select(row => row.Source) ?? []));
        return VotesFile.Read(files).Match([.. read, .. unread.Select(VotesTable.Place).Distinct().Except(read)]);
    }

    /// <summary>Assigns votes to faces, with a warning about faces without any.</summary>
    /// <param name="view">The view that the faces were read from.</param>
    /// <param name="others">How images without votes count, for the warning.</param>
    /// <exception cref="InvalidDataException">No face has votes.</exception>
    public static FaceDataset WithVotes(this FaceDataset faces, IReadOnlyList<string> files, IDataView view, string others)
    {
        VotesMatch match = Match(files, (view, faces));
        FaceDataset voted = faces.WithVotes(match.Of);
        string[] warnings = [.. match.Warnings(faces.Name, faces.Sources)];
        RequireVotes(voted, files, "images", warnings);
        return voted.Warning([.. warnings, .. CoverageWarnings(voted, "images", others)]);
    }

    /// <summary>Returns warnings about the number of faces with votes, if some have none, and about a missing majority.</summary>
    public static IEnumerable<string> CoverageWarnings(FaceDataset faces, string what, string others)
    {
        if (faces.VotedCount < faces.Count)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{faces.Name}: votes for {faces.VotedCount:n0} of {faces.Count:n0} {what}; the others {others}");
        }

        if (faces.VotedCount > 0 && !faces.Votes!.Any(votes => votes?.Majority() is not null))
        {
            yield return $"{faces.Name}: no class has a majority of the votes on any of the {what}, so there are no figures by votes";
        }
    }

    /// <summary>Rejects faces without any votes: a head trained on labels alone would be taken for one trained on votes.</summary>
    /// <param name="warnings">Names that match no image, which may be the reason.</param>
    /// <exception cref="InvalidDataException">No face has votes.</exception>
    public static void RequireVotes(FaceDataset faces, IReadOnlyList<string> files, string what, IReadOnlyCollection<string> warnings)
    {
        if (faces.VotedCount == 0)
        {
            string reason = string.Concat(warnings.Select(warning => $"; {warning}"));
            throw new InvalidDataException($"{string.Join(", ", files)}: votes on none of the {what}; they are found by file name or by a path's end, and the first is '{faces.Sources[0]}'{reason}");
        }
    }

    private static IEnumerable<(string Place, Emotion Label, string Content)> Images(FaceDataset faces) => Enumerable.Range(0, faces.Count)
        .Select(i => (VotesTable.Place(faces.Sources[i]), faces.Labels[i], Convert.ToHexString(SHA256.HashData(faces.Face(i)))));
}
