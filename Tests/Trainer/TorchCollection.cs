using Xunit;

namespace MlNetEmotion.Tests.Trainer;

/// <summary>Tests that change what libtorch keeps for the whole process (its random seed, its threads) take turns.</summary>
[CollectionDefinition(nameof(TorchCollection))]
public sealed class TorchCollection;
