using MlNetEmotion.Native;
using MlNetEmotion.Native.Torch;
using Xunit;

namespace MlNetEmotion.Tests.Native.Torch;

[Collection(nameof(TorchCollection))]
public sealed class TensorTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Tensor_OfValues_KeepsShapeAndOrder()
    {
        Tensor tensor = Range(2, 3);
        Assert.Equal([2, 3], tensor.shape);
        Assert.Equal(6, tensor.numel());
        Assert.Equal([0, 1, 2, 3, 4, 5], tensor.ToArray());
    }

    [Fact]
    public void Tensor_OfWrongLength_SaysWhatItTakes()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => torch.tensor([1f, 2f, 3f], [2, 2]));
        Assert.Contains("[2, 2] takes 4 elements, got 3", error.Message);
    }

    [Fact]
    public void Permute_ThenToArray_ReadsInLogicalOrder() =>
        Assert.Equal([0, 3, 1, 4, 2, 5], Range(2, 3).permute(1, 0).ToArray());

    [Fact]
    public void ChannelsLast_ThenToArray_ReadsInLogicalOrder() =>
        Assert.Equal(Range(1, 2, 2, 2).ToArray(), Range(1, 2, 2, 2).channels_last().ToArray());

    [Fact]
    public void CopyFrom_IntoAPermutedView_WritesInLogicalOrder()
    {
        Tensor tensor = Range(2, 3);
        tensor.permute(1, 0).CopyFrom([10, 11, 12, 13, 14, 15]);
        Assert.Equal([10, 12, 14, 11, 13, 15], tensor.ToArray());
    }

    [Fact]
    public void Narrow_OfATensor_SharesItsMemory()
    {
        Tensor tensor = Range(3, 2);
        tensor.narrow(0, 1, 2).zero_();
        Assert.Equal([0, 1, 0, 0, 0, 0], tensor.ToArray());
    }

    [Fact]
    public void Clone_OfATensor_HasMemoryOfItsOwn()
    {
        Tensor tensor = Range(2);
        tensor.clone().zero_();
        Assert.Equal([0, 1], tensor.ToArray());
    }

    [Fact]
    public void InPlaceArithmetic_OnSmallTensors_IsAsComputedByHand()
    {
        Tensor two = torch.tensor([2f, 4f], [2]), four = torch.tensor([4f, 8f], [2]);
        Assert.Equal([4f, 8f], two.clone().add_(four, 0.5).ToArray());
        Assert.Equal([5f, 7f], two.clone().add_(3).ToArray());
        Assert.Equal([6f, 12f], two.clone().mul_(3).ToArray());
        Assert.Equal([2.5f, 5f], two.clone().lerp_(four, 0.25).ToArray());
        Assert.Equal([6f, 20f], two.clone().addcmul_(two, four, 0.5).ToArray());
        Assert.Equal([3f, 5f], two.clone().addcdiv_(four, two, 0.5).ToArray());
        Assert.Equal([2f, (float)Math.Sqrt(8)], four.sqrt().ToArray());
        Assert.Equal(5, torch.tensor([3f, 4f], [2]).norm().ToSingle());
        Assert.Equal([4f, 8f], two.copy_(four).ToArray());
    }

    [Fact]
    public void Backward_Twice_AddsGradients()
    {
        Tensor x = torch.tensor([3f], [1]).requires_grad_();
        Assert.Null(x.grad);
        torch.nn.functional.mul(x, x).backward();
        Assert.Equal([6f], x.grad!.ToArray());
        torch.nn.functional.mul(x, 2).backward();
        Assert.Equal([8f], x.grad.ToArray());
    }

    [Fact]
    public void Backward_OfAGradient_WeighsEachElement()
    {
        Tensor x = torch.tensor([3f, 5], [2]).requires_grad_();
        torch.nn.functional.mul(x, x).backward(torch.tensor([1f, 0.5f], [2]));
        Assert.Equal([6f, 5], x.grad!.ToArray());      // 1 · 2 · 3, 0.5 · 2 · 5
    }

    [Fact]
    public void Backward_WithAGradientSet_WritesIntoIt()
    {
        Tensor x = torch.tensor([3f], [1]).requires_grad_();
        Tensor memory = torch.zeros([1]);
        x.grad = memory;
        torch.nn.functional.mul(x, x).backward();
        Assert.Equal([6f], memory.ToArray());
    }

    [Fact]
    public void NoGrad_UntilDisposed_TracksNothing()
    {
        Tensor x = torch.tensor([3f], [1]).requires_grad_();
        using (torch.no_grad())
        {
            Tensor untracked = torch.nn.functional.mul(x, 2);
            Assert.Throws<NativeException>(() => untracked.backward());
        }

        torch.nn.functional.mul(x, 2).backward();
        Assert.Equal([2f], x.grad!.ToArray());
    }

    [Fact]
    public void View_ThatDoesNotFit_SaysTheOperationAndLibtorchsReason()
    {
        NativeException error = Assert.Throws<NativeException>(() => Range(2, 3).view(4));
        Assert.Contains("mlt_tensor_view", error.Message);
        Assert.Contains("shape '[4]' is invalid for input of size 6", error.Message);
    }

    [Fact]
    public void CopyTo_TooShort_SaysBothLengths()
    {
        NativeException error = Assert.Throws<NativeException>(() => Range(2, 3).CopyTo(new float[5]));
        Assert.Contains("the tensor has 6 elements, the buffer takes 5", error.Message);
    }

    [Fact]
    public void CopyFrom_TooLong_SaysBothLengths()
    {
        NativeException error = Assert.Throws<NativeException>(() => Range(2, 3).CopyFrom(new float[7]));
        Assert.Contains("the tensor has 6 elements, the data 7", error.Message);
    }

    [Fact]
    public void Tensor_AfterDispose_IsRefused()
    {
        Tensor tensor = Range(2);
        tensor.Dispose();
        Assert.Throws<ObjectDisposedException>(tensor.ToArray);
    }

    private static Tensor Range(params long[] shape) =>
        torch.tensor([.. Enumerable.Range(0, (int)shape.Aggregate(1L, (product, size) => product * size)).Select(i => (float)i)], shape);
}
