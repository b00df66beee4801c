using MlNetEmotion.Detector.Sources;
using OpenCvSharp;
using Xunit;
using static OpenCvSharp.VideoCaptureProperties;

namespace MlNetEmotion.Tests.Detector.Sources;

public sealed class CameraSourceTests
{
    private readonly Dictionary<VideoCaptureProperties, double> device = new() { [FrameWidth] = 640, [FrameHeight] = 480, [Fps] = 29.97 };
    private readonly List<(VideoCaptureProperties, double)> requests = [];

    [Fact]
    public void Request_AsTheDeviceGives_AsksForNothing()
    {
        Assert.Null(Request(new CameraOptions { Size = "640x480", Fps = 30 }, (property, value) => device[property] = value));
        Assert.Empty(requests);
    }

    [Fact]
    public void Request_WhatTheDeviceCan_IsAskedOnceAndIsSilent()
    {
        Assert.Null(Request(new CameraOptions { Size = "1280X720" }, (property, value) => device[property] = value));
        Assert.Equal([(FrameWidth, 1280), (FrameHeight, 720)], requests);
    }

    // A USB camera that gives uncompressed images at 10 frames/s, compressed ones at 30.
    [Fact]
    public void Request_RateThatNeedsCompression_IsReachedByMotionJpeg()
    {
        Assert.Null(Request(new CameraOptions { Size = "1280x720", Fps = 30 }, (property, value) =>
        {
            device[property] = value;
            device[Fps] = device.ContainsKey(VideoCaptureProperties.FourCC) ? 30 : 10;
        }));
        Assert.Equal([(FrameWidth, 1280), (FrameHeight, 720), (Fps, 30), (VideoCaptureProperties.FourCC, 0x47504A4D), (FrameWidth, 1280), (FrameHeight, 720), (Fps, 30)], requests);
    }

    [Theory]
    [InlineData("1920x1080", 60.0, 29.97, "asked for 1920x1080 at 60 frames/s, it gives 640x480 at 29.97 frames/s")]
    [InlineData("1920x1080", null, 0, "asked for 1920x1080, it gives 640x480 at an unknown number of frames/s")]
    [InlineData(null, 30.5, 30, "asked for 30.5 frames/s, it gives 640x480 at 30 frames/s")]
    public void Request_WhatTheDeviceCannot_SaysBoth(string? size, double? fps, double given, string expected)
    {
        device[Fps] = given;

        Assert.Equal(expected, Request(new CameraOptions { Size = size, Fps = fps }, (_, _) => { }));
    }

    [Theory]
    [InlineData("1280x720", true)]
    [InlineData("1280", false)]
    [InlineData("0x720", false)]
    [InlineData("-1x720", false)]
    [InlineData("1280x720x3", false)]
    [InlineData("HD", false)]
    public void CheckSize_Text_IsWidthAndHeight(string typed, bool isValid) => Assert.Equal(isValid, CameraOptions.CheckSize(typed) is null);

    private string? Request(CameraOptions options, Action<VideoCaptureProperties, double> set) => options.Request(
        (property, value) =>
        {
            requests.Add((property, value));
            set(property, value);
        },
        property => device.GetValueOrDefault(property));
}
