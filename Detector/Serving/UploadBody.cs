using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using FormReader = Microsoft.AspNetCore.WebUtilities.MultipartReader;

namespace MlNetEmotion.Detector.Serving;

/// <summary>The file of a request: its body, or a field of the form in its body. All methods throw a <see cref="BadHttpRequestException"/> with a message for
/// the client if the body is not usable.</summary>
internal sealed class UploadBody
{
    private const string FormType = "multipart/form-data";
    private const int MaxBoundaryLength = 70;    // RFC 2046
    private const int ShownCharacters = 64;

    private readonly string field;
    private readonly string damage;
    private readonly FormReader? form;
    private Stream file = Stream.Null;
    private string? otherFile;

    private UploadBody(HttpRequest request, string field, FormReader? form)
    {
        (this.field, this.form) = (field, form);
        string? coding = request.HttpContext.Features.Get<ContentCoding>()?.Name;
        damage = (form, coding) switch
        {
            (null, null) => "the body ends too early",
            (null, _) => $"the body is not complete {coding} data, as its Content-Encoding requires",
            (_, null) => "the form is damaged, or ends too early",
            _ => $"the form, or its {coding} data, is damaged or ends too early",
        };
    }

    /// <summary>Reads up to the first byte of the file.</summary>
    public static async Task<UploadBody> OpenAsync(HttpRequest request, string field, CancellationToken stop)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type) || !type.Type.Equals("multipart", StringComparison.OrdinalIgnoreCase))
        {
            return new UploadBody(request, field, form: null) { file = request.Body };
        }

        if (!type.MediaType.Equals(FormType, StringComparison.OrdinalIgnoreCase))
        {
            throw Refused($"the body is of the type '{Shown(type.MediaType.ToString())}'; expected a form of the type {FormType}, or the file itself", StatusCodes.Status415UnsupportedMediaType);
        }

        string boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        if (boundary.Length is 0 or > MaxBoundaryLength)
        {
            throw Refused($"the form's boundary has {boundary.Length} characters, expected 1 to {MaxBoundaryLength}");
        }

        var body = new UploadBody(request, field, new FormReader(boundary, request.Body));
        body.file = await body.NextFieldAsync(isFound: false, stop)
            ?? throw Refused($"the form has no field '{field}'{(body.otherFile is { } other ? $", but a file in the field '{other}'" : "")}");
        return body;
    }

    /// <summary>Reads the next bytes of the file. Returns 0 at its end, after reading the rest of the form, so that a second file is an error and is not
    /// ignored.</summary>
    public async Task<int> ReadAsync(Memory<byte> chunk, CancellationToken stop)
    {
        int read = await GuardAsync(async () => await file.ReadAsync(chunk, stop));
        if (read == 0 && form is not null)
        {
            await NextFieldAsync(isFound: true, stop);
        }

        return read;
    }

    // The body of the file's field; null at the end of the form. Fields without a file are skipped.
    private async Task<Stream?> NextFieldAsync(bool isFound, CancellationToken stop)
    {
        while (await GuardAsync(() => form!.ReadNextSectionAsync(stop)) is { } section)
        {
            if (section.GetContentDispositionHeader() is not { } header || !(header.IsFormDisposition() || header.IsFileDisposition()))
            {
                continue;
            }

            string name = HeaderUtilities.RemoveQuotes(header.Name).ToString();
            bool isExpected = name == field;
            bool isFile = header.FileName.Length > 0 && HeaderUtilities.RemoveQuotes(header.FileName).Length > 0 || header.FileNameStar.Length > 0;
            if ((isExpected && (isFound || otherFile is not null)) || (isFile && isFound))
            {
                string first = otherFile ?? field;
                string where = first == name ? $"twice in the field '{first}'" : $"in the fields '{first}' and '{Shown(name)}'";
                throw Refused($"the form has more than one file, {where}; expected one file a request, in the field '{field}'");
            }

            if (isExpected)
            {
                return section.Body;
            }

            otherFile ??= isFile ? Shown(name) : null;
        }

        return null;
    }

    private async Task<T> GuardAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (Exception e) when (e is InvalidDataException or IOException and not BadHttpRequestException)
        {
            throw Refused(damage, cause: e);
        }
    }

    private static string Shown(string text) => text.Length <= ShownCharacters ? text : text[..ShownCharacters] + "…";

    private static BadHttpRequestException Refused(string why, int status = StatusCodes.Status400BadRequest, Exception? cause = null) => new(why, status, cause!);
}
