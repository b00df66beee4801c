using System.Globalization;
using System.Security.Cryptography;

namespace MlNetEmotion.Trainer.Data;

/// <summary>Gives faces the votes on them.</summary>
internal static class VotedFaces
{
    /// <summary>Finds whose votes the lines of some files are, among all images that there are.</summary>
    /// <param name="files">The files of votes.</param>
    /// <param name="faces">The faces that were read.</param>
    /// <param name="unread">Sources of images that were not read, for belonging to other splits perhaps.</param>
    public static VotesMatch Match(IEnumerable<string> files, IReadOnlyCollection<FaceDataset> faces, IEnumerable<string> unread)
    {
        // A source that is no file, in a program's rows, may stand for several images; one file may be read twice.
        string[] read = [.. faces.SelectMany(Images).Distinct().Select(image => image.Place)];
        return VotesFile.Read(files).Match([.. read, .. unread.Select(VotesTable.Place).Distinct().Except(read)]);
    }

    /// <summary>Gives faces their votes, and says which have none.</summary>
    /// <param name="files">The files of votes.</param>
    /// <param name="unread">Sources of images that were not read.</param>
    /// <param name="others">How the images without votes count.</param>
    /// <exception cref="InvalidDataException">There are votes on none of the faces.</exception>
    public static FaceDataset WithVotes(this FaceDataset faces, IReadOnlyList<string> files, IEnumerable<string> unread, string others)
    {
        VotesMatch match = Match(files, [faces], unread);
        FaceDataset voted = faces.WithVotes(match.Of);
        string[] warnings = [.. match.Warnings(faces.Name, faces.Sources)];
        RequireVotes(voted, files, "images", warnings);
        return voted.Warning([.. warnings, .. Partly(voted, "images", others)]);
    }

    /// <summary>Says on how many faces there are votes, where it is not all, and whether none has a majority.</summary>
    public static IEnumerable<string> Partly(FaceDataset faces, string what, string others)
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

    /// <summary>Refuses faces without any votes: a head that learned from labels alone would pass for one that knows votes.</summary>
    /// <param name="warnings">Names whose votes count for no image, which may be the reason.</param>
    /// <exception cref="InvalidDataException">There are none.</exception>
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
