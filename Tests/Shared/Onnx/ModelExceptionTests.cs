using Xunit;

namespace MlNetEmotion.Tests.Shared.Onnx;

public sealed class ModelExceptionTests
{
    [Fact]
    public void Exception_HasTheStandardConstructors()
    {
        var cause = new FormatException("no number");
        var full = new ModelException("emotion.onnx: not a model", cause);

        Assert.NotEmpty(new ModelException().Message);
        Assert.Equal(("emotion.onnx: not a model", null), (new ModelException("emotion.onnx: not a model").Message, new ModelException("x").InnerException));
        Assert.Equal(("emotion.onnx: not a model", cause), (full.Message, full.InnerException));
        Assert.Equal("MlNetEmotion.ModelException", typeof(ModelException).FullName);
    }
}
