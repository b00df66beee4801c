namespace MlNetEmotion.Detector.Sessions;

/// <summary>Assigns sessions to training or validation, so that no person is in both: whole sessions, and all sessions with a face of the same name
/// together.</summary>
internal static class SessionSplit
{
    // Of 256: a fifth.
    private const int HeldOut = 51;

    /// <summary>
    /// Returns the sessions for validation. A group's smallest hash decides: a group is held out if that begins with less than a fifth of all values, so that
    /// more sessions do not move the earlier ones. If that holds for none of several groups, or for all, the one with the smallest hash is the only one held
    /// out, or the one with the largest the only one kept.
    /// </summary>
    /// <returns>Empty for a single group.</returns>
    public static IReadOnlySet<Session> Validation(IReadOnlyList<Session> sessions)
    {
        Session[][] groups = [.. Groups(sessions).OrderBy(HashOf, StringComparer.Ordinal)];
        int heldOut = groups.Count(group => Convert.FromHexString(HashOf(group)[..2])[0] < HeldOut);
        return groups.Take(Math.Min(Math.Max(heldOut, 1), groups.Length - 1)).SelectMany(group => group).ToHashSet();
    }

    private static string HashOf(Session[] group) => group.Min(session => session.Hash)!;

    private static List<Session[]> Groups(IReadOnlyList<Session> sessions)
    {
        var groups = new List<Session[]>();
        foreach (Session session in sessions)
        {
            Session[][] related = [.. groups.Where(group => group.Any(other => SharesName(other, session)))];
            groups.RemoveAll(related.Contains);
            groups.Add([.. related.SelectMany(group => group), session]);
        }

        return groups;
    }

    private static bool SharesName(Session one, Session other) => Names(one).Intersect(Names(other), StringComparer.OrdinalIgnoreCase).Any();

    private static IEnumerable<string> Names(Session session) => session.Names.Values.Select(name => name.Trim()).Where(name => name.Length > 0);
}
