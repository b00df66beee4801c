using Xunit;

namespace MlNetEmotion.Tests.Trainer;

/// <summary>Tests that train take turns: each step seeds libtorch's generator, of which a process has one, and draws from it.</summary>
[CollectionDefinition(nameof(TorchCollection))]
public sealed class TorchCollection;
