using System.Text.Json;
using System.Text.Json.Nodes;
using MlNetEmotion.Detector.Frames;
using Microsoft.OpenApi;

namespace MlNetEmotion.Detector.Serving;

/// <summary>The parts of the OpenAPI document that do not follow from the endpoints' types.</summary>
internal static class ApiDescription
{
    private const string EmotionSchema = "Emotion";
    private const string ShownSchema = "ShownEmotion";
    private const string ProbabilitiesSchema = "Probabilities";

    // The schemas of properties that are texts and dictionaries in C#, by the names that they have in each response.
    private static readonly Dictionary<string, string> SchemaOfProperty = new(StringComparer.Ordinal)
    {
        ["emotion"] = EmotionSchema, ["shown"] = ShownSchema, ["probabilities"] = ProbabilitiesSchema,
    };

    public static void AddServices(IServiceCollection services, bool needsToken) => services.AddOpenApi(options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_0;    // generators that do not read 3.1 are many
        options.AddOperationTransformer(static (operation, _, _) => ApiErrors.DescribeAsync(operation));
        options.AddDocumentTransformer((document, _, _) =>
        {
            Complete(document, needsToken);
            return Task.CompletedTask;
        });
    });

    /// <summary>Describes an endpoint's request body: the file itself, or a form with the file in a field.</summary>
    /// <param name="field">The field's name, and the type of the file's media types.</param>
    /// <param name="example">An example of a file, as text.</param>
    /// <param name="exampleUrl">The same by its address.</param>
    public static RouteHandlerBuilder TakesFile(this RouteHandlerBuilder endpoint, string field, string? example = null, string? exampleUrl = null) => endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
    {
        var file = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" };
        var form = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Properties = new Dictionary<string, IOpenApiSchema> { [field] = file },
            Required = new HashSet<string> { field },
        };
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["multipart/form-data"] = new()
                {
                    Schema = form,
                    Encoding = new Dictionary<string, OpenApiEncoding> { [field] = new() { ContentType = $"{field}/*" } },    // without it, Kiota generates no multipart body
                    Example = example is null ? null : new JsonObject { [field] = example },
                },
                [$"{field}/*"] = new()
                {
                    Schema = file,
                    Example = example,
                    Examples = exampleUrl is null ? null : new Dictionary<string, IOpenApiExample> { ["demo"] = new OpenApiExample { ExternalValue = exampleUrl } },
                },
                ["application/octet-stream"] = new() { Schema = file, Example = example },
            },
        };
        return Task.CompletedTask;
    });

    /// <summary>Adds an example of an endpoint's successful response.</summary>
    /// <param name="location">Whether the response has a <c>Location</c> header.</param>
    public static RouteHandlerBuilder WithExample(this RouteHandlerBuilder endpoint, object value, bool location = false) => endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
    {
        var success = (OpenApiResponse)operation.Responses!.First(response => response.Key[0] == '2').Value;
        success.Content!.Values.Single().Example = JsonSerializer.SerializeToNode(value, JsonSerializerOptions.Web);
        success.Headers = location ? new Dictionary<string, IOpenApiHeader> { ["Location"] = ApiErrors.Header(JsonSchemaType.String, "The address of the video's state.") } : null;
        return Task.CompletedTask;
    });

    private static void Complete(OpenApiDocument document, bool needsToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "MlNetEmotion",
            Version = ProductVersion.Current,
            License = new OpenApiLicense { Name = "MIT", Url = new Uri("../licence.txt", UriKind.Relative) },
            Description = "Which photographed expression a face resembles. The scores do not say what somebody feels: do not use them to judge people.\n\n"
                + "`GET /api/stream` is a WebSocket: send an image as a binary message, receive the response of `/api/faces` as a text message, then send the next image.\n\n"
                + "If the server was started with a token, requests need `Authorization: Bearer SECRET`. A busy server answers 429 or 503 with `Retry-After`. An internal error is a 500 in the format of the other errors.",
        };
        // Relative to the document's origin: the server does not know the names that it is reached by. Its path is the base path, or a proxy's prefix.
        string path = new Uri(document.Servers![0].Url!).AbsolutePath;
        document.Servers = [new OpenApiServer { Url = path.Length > 1 ? path.TrimEnd('/') : path, Description = "The server that this document was loaded from." }];
        document.Tags = new HashSet<OpenApiTag>
        {
            new() { Name = ApiTags.Images, Description = "The faces and emotions of still images." },
            new() { Name = ApiTags.Videos, Description = "A video is uploaded, then processed in the background while its state is polled and its events are read." },
            new() { Name = ApiTags.Model, Description = "The models and settings in use." },
        };
        AddSecurity(document, needsToken);
        AddSchemas(document);
    }

    // A client that is generated for a server without a token can send one too.
    private static void AddSecurity(OpenApiDocument document, bool needsToken)
    {
        document.Components!.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            ["bearer"] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "The server's token (`--token`), as `Authorization: Bearer SECRET`. A server without a token needs none.",
            },
            ["cookie"] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Cookie, Name = Security.TokenCookie, Description = "The same token, as the cookie that a browser gets by the sign-in page or by `/?token=SECRET`.",
            },
        };
        document.Security =
        [
            .. needsToken ? (OpenApiSecurityRequirement[])[] : [new OpenApiSecurityRequirement()],
            .. document.Components.SecuritySchemes.Keys.Select(name => new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(name, document)] = [] }),
        ];
    }

    private static void AddSchemas(OpenApiDocument document)
    {
        IDictionary<string, IOpenApiSchema> schemas = document.Components!.Schemas!;
        foreach (OpenApiSchema schema in schemas.Values.OfType<OpenApiSchema>())
        {
            schema.Type ??= schema.Enum is null ? null : JsonSchemaType.String;
            schema.Required ??= schema.Properties?.Where(property => property.Value.Type?.HasFlag(JsonSchemaType.Null) != true).Select(property => property.Key).ToHashSet(StringComparer.Ordinal);
            foreach ((string name, IOpenApiSchema property) in schema.Properties?.ToArray() ?? [])
            {
                schema.Properties![name] = SchemaOfProperty.TryGetValue(name, out string? known) ? new OpenApiSchemaReference(known, document) : WithoutNullType(property);
            }
        }

        ((OpenApiSchema)schemas[nameof(EmotionResponse)]).Properties!["name"] = new OpenApiSchemaReference(EmotionSchema, document);
        schemas[EmotionSchema] = Names(Emotions.Labels, "One of the seven emotions.");
        schemas[ShownSchema] = Names([.. Emotions.Labels, FaceResult.Uncertain], $"The emotion, or {FaceResult.Uncertain} if its probability is below the threshold.");
        schemas[ProbabilitiesSchema] = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = "The probability of each emotion; their sum is 1.",
            Properties = Emotions.Labels.ToDictionary(label => label, _ => (IOpenApiSchema)new OpenApiSchema { Type = JsonSchemaType.Number, Format = "double", Minimum = "0", Maximum = "1" }),
            Required = Emotions.Labels.ToHashSet(StringComparer.Ordinal),
            AdditionalPropertiesAllowed = false,
        };

        // OpenAPI 3.0 has no type 'null': a reference or null is a nullable schema of the reference alone.
        static IOpenApiSchema WithoutNullType(IOpenApiSchema property) => property.OneOf is [{ Type: JsonSchemaType.Null }, var other]
            ? new OpenApiSchema { Type = JsonSchemaType.Object | JsonSchemaType.Null, AllOf = [other], Description = property.Description ?? other.Description }
            : property;

        static OpenApiSchema Names(IReadOnlyList<string> names, string description) =>
            new() { Type = JsonSchemaType.String, Enum = [.. names.Select(name => JsonValue.Create(name))], Description = description };
    }
}

/// <summary>The tags of the OpenAPI document's operations.</summary>
internal static class ApiTags
{
    public const string Images = "Images";
    public const string Videos = "Videos";
    public const string Model = "Model";
}
