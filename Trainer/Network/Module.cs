using System.Text.Json.Nodes;
using MlNetEmotion.Native.Torch;
using MlNetEmotion.Trainer.Export;

namespace MlNetEmotion.Trainer.Network;

/// <summary>A layer, or layers put together. One definition serves both ends: <see cref="forward"/> runs and trains it in
/// libtorch, <see cref="Export"/> writes the same computation as ONNX nodes.</summary>
internal abstract class Module
{
    private readonly List<(string Name, Module Module)> children = [];
    private readonly List<(string Name, Parameter Parameter)> parameters = [];

    /// <summary>Gets the path of names from the network's root; empty at the root.</summary>
    public string FullName { get; private set; } = "";

    /// <summary>Gets whether dropout drops and batch norm uses the batch's statistics.</summary>
    public bool Training { get; private set; } = true;

    /// <summary>Computes the layer's output, in PyTorch's spelling; tensors made on the way belong to the caller's dispose scope.</summary>
    /// <param name="x">float32, or bfloat16 under autocast; [N, C, H, W] or [N, features].</param>
    public abstract Tensor forward(Tensor x);

    /// <summary>Writes the nodes that compute the layer in inference.</summary>
    /// <param name="graph">The graph under construction.</param>
    /// <param name="input">The value that the layer reads.</param>
    /// <returns>The value that it computes.</returns>
    public abstract string Export(OnnxGraph graph, string input);

    /// <summary>Takes over the weights that <see cref="Export"/> wrote.</summary>
    /// <param name="weights">What was written.</param>
    public virtual void Import(ReadWeights weights)
    {
        parameters.ForEach(p => p.Parameter.Value.CopyFrom(weights(p.Parameter.Name, p.Parameter.Count)));
        children.ForEach(c => c.Module.Import(weights));
    }

    /// <summary>The layer's type, settings and children, for the architecture file.</summary>
    public virtual JsonObject Describe()
    {
        var description = new JsonObject { ["type"] = GetType().Name };
        foreach ((string name, JsonNode? setting) in Settings)
        {
            description[name] = setting;
        }

        if (children.Count > 0)
        {
            description["children"] = new JsonObject(children.Select(c => KeyValuePair.Create(c.Name, (JsonNode?)c.Module.Describe())));
        }

        return description;
    }

    /// <summary>Gets what distinguishes this layer from others of its type.</summary>
    protected virtual IEnumerable<(string Name, JsonNode? Setting)> Settings => [];

    /// <summary>All parameters, this layer's first, then the children's in order.</summary>
    public IEnumerable<Parameter> Parameters() =>
        parameters.Select(p => p.Parameter).Concat(children.SelectMany(c => c.Module.Parameters()));

    /// <summary>This layer and all below, in order.</summary>
    public IEnumerable<Module> Modules() => children.SelectMany(c => c.Module.Modules()).Prepend(this);

    /// <summary>Switches this layer and all below between training and inference.</summary>
    /// <param name="on">True for training.</param>
    public void train(bool on)
    {
        Training = on;
        children.ForEach(c => c.Module.train(on));
    }

    /// <summary>Gives every layer and parameter its full name; the network's root calls it once.</summary>
    /// <param name="fullName">This layer's path.</param>
    public void AssignNames(string fullName)
    {
        FullName = fullName;
        string prefix = fullName.Length == 0 ? "" : fullName + ".";
        parameters.ForEach(p => p.Parameter.Name = prefix + p.Name);
        children.ForEach(c => c.Module.AssignNames(prefix + c.Name));
    }

    /// <summary>Adds a child layer.</summary>
    protected T Register<T>(string name, T module)
        where T : Module
    {
        children.Add((name, module));
        return module;
    }

    /// <summary>Adds a parameter.</summary>
    protected Parameter Register(string name, Parameter parameter)
    {
        parameters.Add((name, parameter));
        return parameter;
    }
}
