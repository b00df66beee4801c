using Microsoft.Extensions.DependencyInjection.Extensions;
using MlNetEmotion;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers emotion recognition as services. Both services are thread-safe, so that all requests share one.</summary>
public static class EmotionServiceCollectionExtensions
{
    /// <summary>Adds a singleton <see cref="EmotionRecognizer"/>: faces in an image, with their emotions.</summary>
    /// <param name="services">The services.</param>
    /// <param name="create">Creates the recognizer; null for <see cref="EmotionRecognizer.Load"/>, the models in the library. Called when the service is first
    /// resolved: resolve it at startup to load the models, and to fail, then.</param>
    /// <returns>The same services.</returns>
    /// <remarks>Does nothing if an <see cref="EmotionRecognizer"/> is registered already. The container disposes of it.</remarks>
    public static IServiceCollection AddEmotionRecognizer(this IServiceCollection services, Func<IServiceProvider, EmotionRecognizer>? create = null)
    {
        services.TryAddSingleton(create ?? (_ => EmotionRecognizer.Load()));
        return services;
    }

    /// <summary>Adds a singleton <see cref="EmotionClassifier"/>: the emotion of an image that is cropped to a face.</summary>
    /// <param name="services">The services.</param>
    /// <param name="create">Creates the classifier; null for <see cref="EmotionClassifier.LoadDefault"/>, the model in the library. Called when the service is
    /// first resolved.</param>
    /// <returns>The same services.</returns>
    /// <remarks>Does nothing if an <see cref="EmotionClassifier"/> is registered already. The container disposes of it.</remarks>
    public static IServiceCollection AddEmotionClassifier(this IServiceCollection services, Func<IServiceProvider, EmotionClassifier>? create = null)
    {
        services.TryAddSingleton(create ?? (_ => EmotionClassifier.LoadDefault()));
        return services;
    }
}
