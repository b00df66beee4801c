namespace MlNetEmotion.Trainer.Augmentation;

/// <summary>Turns a face into the network's input.</summary>
/// <param name="face">uint8 [48, 48], gray, row-major.</param>
/// <param name="image">Receives float32 [48, 48], gray, each in [0, 255].</param>
/// <param name="random">The random source; the same state gives the same image.</param>
internal delegate void AugmentFace(ReadOnlySpan<byte> face, Span<float> image, ref SplitMix64 random);
