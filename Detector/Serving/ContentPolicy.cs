using System.Security.Cryptography;

namespace MlNetEmotion.Detector.Serving;

/// <summary>The Content-Security-Policy of a page: nothing but the given sources, in no frame.</summary>
/// <param name="sources">The directives of the allowed sources; <see cref="NoncePlace"/> stands for the nonce.</param>
/// <param name="formAction">The addresses to which forms may be sent.</param>
internal sealed class ContentPolicy(string sources, string formAction = "'none'")
{
    /// <summary>The placeholder of the nonce, in policies and in pages.</summary>
    public const string NoncePlace = "NONCE";

    private readonly string text = $"default-src 'none'; {sources}; frame-ancestors 'none'; base-uri 'none'; form-action {formAction}";

    /// <summary>Sets the header, and returns the nonce of this response.</summary>
    public string AddTo(HttpResponse response)
    {
        string nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        response.Headers.ContentSecurityPolicy = text.Replace(NoncePlace, nonce, StringComparison.Ordinal);
        return nonce;
    }

    public override string ToString() => text;
}
