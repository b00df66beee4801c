using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using MlNetEmotion.Tests.Trainer.Data;
using MlNetEmotion.Trainer.Network;
using MlNetEmotion.Trainer.Training;
using Xunit;
using static TorchSharp.torch;

namespace MlNetEmotion.Tests.Trainer.Training;

/// <summary>The format as https://github.com/huggingface/safetensors#format describes it, read and written here by hand.</summary>
public sealed class SafetensorsFileTests : IDisposable
{
    private const string TwoNumbers = """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""";
    private readonly TemporaryFolder folder = new();

    private string Path => System.IO.Path.Combine(folder.Root, "file.safetensors");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Write_TwoTensors_FollowsTheFormat()
    {
        SafetensorsFile.Write(
            Path,
            new Dictionary<string, string> { ["key"] = "\"välue\"" },
            [("a.weight", Tensors.Of([1f, 2, 3, 4, 5, 6], [2, 3], CPU)), ("b", Tensors.Of([-0.5f], [1], CPU))]);

        byte[] bytes = File.ReadAllBytes(Path);
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        JsonElement header = JsonDocument.Parse(bytes.AsMemory(8, length)).RootElement;
        Assert.Equal("\"välue\"", header.GetProperty("__metadata__").GetProperty("key").GetString());
        Assert.Equal("""{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}""", header.GetProperty("a.weight").GetRawText());
        Assert.Equal("""{"dtype":"F32","shape":[1],"data_offsets":[24,28]}""", header.GetProperty("b").GetRawText());
        byte[] data = bytes[(8 + length)..];
        Assert.Equal(28, data.Length);
        Assert.Equal([1, 2, 3, 4, 5, 6, -0.5f], Enumerable.Range(0, 7).Select(i => BinaryPrimitives.ReadSingleLittleEndian(data.AsSpan(4 * i))));
    }

    [Fact]
    public void Write_ATensorStoredChannelsLast_WritesItRowMajor()
    {
        float[] values = [.. Enumerable.Range(0, 16).Select(i => (float)i)];
        using Tensor plain = Tensors.Of(values, [2, 2, 2, 2], CPU);
        SafetensorsFile.Write(Path, new Dictionary<string, string>(), [("a", plain.ChannelsLast())]);
        Assert.Equal(values, Enumerable.Range(0, 16).Select(i => BinaryPrimitives.ReadSingleLittleEndian(File.ReadAllBytes(Path).AsSpan()[^64..][(4 * i)..])));
    }

    [Fact]
    public void Read_WhatWasWritten_GivesItBack()
    {
        SafetensorsFile.Write(Path, new Dictionary<string, string> { ["key"] = "value" }, [("a", Tensors.Of([1f, float.NaN, float.MinValue], [3, 1], CPU))]);
        SafetensorsFile file = SafetensorsFile.Read(Path);
        Assert.Equal(["a"], file.Names);
        Assert.Equal("value", file.Metadata("key"));
        Assert.Equal([1f, float.NaN, float.MinValue], Values(file, "a", 3, 1));
    }

    [Fact]
    public void Read_AFileWrittenByHand_GivesItsValues()
    {
        Write(TwoNumbers + "   ", 1.5f, -2); // a header may be filled up with spaces
        Assert.Equal([1.5f, -2], Values(SafetensorsFile.Read(Path), "a", 2));
    }

    [Fact]
    public void CopyTo_AnotherShape_SaysBoth()
    {
        Write(TwoNumbers, 1, 2);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Values(SafetensorsFile.Read(Path), "a", 1, 2));
        Assert.Equal($"{Path}: tensor 'a' is [2], expected [1, 2]; it is a checkpoint of another network", error.Message);
    }

    [Fact]
    public void CopyTo_ATensorThatIsNotThere_NamesIt()
    {
        Write(TwoNumbers, 1, 2);
        Assert.Contains("no tensor 'b'", Assert.Throws<InvalidDataException>(() => Values(SafetensorsFile.Read(Path), "b", 2)).Message);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"a\":")]
    [InlineData("""{"a":1}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":["0","8"]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8.5]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":"2","data_offsets":[0,8]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""")] // 12 bytes in 8
    [InlineData("""{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}""")] // of another type
    [InlineData("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[-8,8]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}""")] // behind the end
    public void Read_AHeaderThatLies_IsInvalidDataThatNamesTheFile(string header)
    {
        Write(header, 1, 2);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => SafetensorsFile.Read(Path));
        Assert.StartsWith(Path + ": ", error.Message);
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(1 << 20)]
    public void Read_AHeaderLengthThatCannotBe_IsInvalidDataThatNamesTheFile(long length)
    {
        byte[] bytes = new byte[64];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
        File.WriteAllBytes(Path, bytes);
        Assert.StartsWith(Path + ": ", Assert.Throws<InvalidDataException>(() => SafetensorsFile.Read(Path)).Message);
    }

    private static float[] Values(SafetensorsFile file, string name, params long[] shape)
    {
        using Tensor tensor = zeros(shape);
        file.CopyTo(name, tensor);
        return tensor.ToArray();
    }

    private void Write(string header, params float[] values)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write((long)Encoding.UTF8.GetByteCount(header));
        writer.Write(Encoding.UTF8.GetBytes(header));
        values.ToList().ForEach(writer.Write);
        File.WriteAllBytes(Path, bytes.ToArray());
    }
}
