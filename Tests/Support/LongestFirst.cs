using MlNetEmotion.Tests.Detector.Page;
using MlNetEmotion.Tests.Packages;
using MlNetEmotion.Tests.Support;
using MlNetEmotion.Tests.Trainer.Commands;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace MlNetEmotion.Tests.Support;

/// <summary>Starts the collections that take minutes before all others, so that no test runs alone at the end.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Longest = [nameof(PackedPackages), nameof(PageFixture), nameof(TrainedRun)];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderByDescending(collection => Longest.Contains(collection.TestCollectionDisplayName))];
}
