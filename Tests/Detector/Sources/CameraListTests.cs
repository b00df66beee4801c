using MlNetEmotion.Detector;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Programs;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Sources;

public sealed class CameraListTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    // A webcam has two nodes, of which the second gives metadata.
    [Fact]
    public void OfLinux_Devices_AreTheImagesInTheirOrder()
    {
        Device("video10", "HDMI capture", "0");
        Device("video2", "Logitech BRIO: Logitech BRIO", "0");
        Device("video3", "Logitech BRIO: Logitech BRIO", "1");
        Device("v4l-subdev0", "sensor", "0");
        folder.CreateFolder("video4");    // unplugged meanwhile: without files

        Assert.Equal([new Camera(2, "Logitech BRIO: Logitech BRIO"), new Camera(4, "?"), new Camera(10, "HDMI capture")], CameraList.OfLinux(folder.Root));
    }

    [Fact]
    public void OfLinux_NoFolder_IsEmpty() => Assert.Empty(CameraList.OfLinux(folder.At("none")));

    [Fact]
    public void OfDirectShow_Version5_GoesByTheKind() => Assert.Equal(
        [new Camera(0, "Integrated Camera"), new Camera(1, "OBS \"Virtual\" Kamera"), new Camera(2, "Capture card")],
        CameraList.OfDirectShow("""
            [dshow @ 000001c8f2a3b4c0] "Integrated Camera" (video)
            [dshow @ 000001c8f2a3b4c0]   Alternative name "@device_pnp_\\?\usb#vid_04f2&pid_b6d9&mi_00#6&2a&0&0000#{65e8773d-8f56-11d0-a3b9-00a0c9223196}\global"
            [dshow @ 000001c8f2a3b4c0] "OBS "Virtual" Kamera" (none)
            [dshow @ 000001c8f2a3b4c0] "OBS "Virtual" Kamera" (video)
            [dshow @ 000001c8f2a3b4c0]   Alternative name "@device_sw_{860BB310-5D01-11D0-BD3B-00A0C911CE86}\{A3FCE0F5-3493-419F-958A-ABA1250EC20B}"
            [dshow @ 000001c8f2a3b4c0] "Capture card" (audio, video)
            [dshow @ 000001c8f2a3b4c0] "Microphone (Realtek(R) Audio)" (audio)
            [dshow @ 000001c8f2a3b4c0]   Alternative name "@device_cm_{33D9A762-90C8-11D0-BD43-00A0C911CE86}\wave_{0F}"
            dummy: Immediate exit requested
            """.ReplaceLineEndings("\r\n")));

    [Fact]
    public void OfDirectShow_Version4_GoesByTheHeadings() => Assert.Equal(
        [new Camera(0, "Integrated Camera"), new Camera(1, "Logitech BRIO")],
        CameraList.OfDirectShow("""
            [dshow @ 0000021d] DirectShow video devices (some may be both video and audio devices)
            [dshow @ 0000021d]  "Integrated Camera"
            [dshow @ 0000021d]     Alternative name "@device_pnp_\\?\usb#vid_04f2"
            [dshow @ 0000021d]  "Logitech BRIO"
            [dshow @ 0000021d]     Alternative name "@device_pnp_\\?\usb#vid_046d"
            [dshow @ 0000021d] DirectShow audio devices
            [dshow @ 0000021d]  "Microphone (Logitech BRIO)"
            dummy: Immediate exit requested
            """));

    [Fact]
    public void OfAvFoundation_Devices_AreTheCamerasWithoutScreens() => Assert.Equal(
        [new Camera(0, "FaceTime HD Camera"), new Camera(1, "Jürgen’s iPhone [Camera]")],
        CameraList.OfAvFoundation("""
            [AVFoundation indev @ 0x7f8e3a504b40] AVFoundation video devices:
            [AVFoundation indev @ 0x7f8e3a504b40] [0] FaceTime HD Camera
            [AVFoundation indev @ 0x7f8e3a504b40] [1] Jürgen’s iPhone [Camera]
            [AVFoundation indev @ 0x7f8e3a504b40] [2] Capture screen 0
            [AVFoundation indev @ 0x7f8e3a504b40] AVFoundation audio devices:
            [AVFoundation indev @ 0x7f8e3a504b40] [0] MacBook Pro Microphone
            : Input/output error
            """));

    [Fact]
    public void Show_Cameras_HasALineEach()
    {
        using var output = new StringWriter { NewLine = "\n" };
        Assert.Equal(0, CamerasCommand.Show([new Camera(0, "Integrated Camera"), new Camera(2, "Logitech BRIO")], output, TextWriter.Null));

        Assert.Equal("0: Integrated Camera\n2: Logitech BRIO\n", output.ToString());
    }

    [Fact]
    [NeedsLinux("cameras are listed in /sys")]
    public async Task Cameras_NoneThere_SaysSo()
    {
        Assert.SkipWhen(CameraList.Read().Count > 0, "this machine has a camera");

        Assert.Equal((0, "", "no camera found. Plug one in, or use '--demo' or a video.\n"), await DetectorProcess.RunInProcess("cameras"));
    }

    private void Device(string name, string label, string index)
    {
        folder.Write($"{name}/name", label + "\n");
        folder.Write($"{name}/index", index + "\n");
    }

    [Theory]
    [InlineData("logitech c92", 2)]
    [InlineData("brio", 0)]    // a whole name precedes a part of one
    [InlineData("Capture", 5)]
    public void Find_PartOfOneName_IsItsCamera(string text, int number) => Assert.Equal(number, CameraList.Find(text, Several).Number);

    [Theory]
    [InlineData("Logitech", "Logitech: 2 cameras have this in their names: 2 (Logitech C920), 4 (Logitech C930). Give '--input' more of the name, or the number.")]
    [InlineData("Logitch", "Logitch: no such file or folder, nor a camera of this name; there are 0 (BRIO), 1 (BRIO 4K), 2 (Logitech C920), 4 (Logitech C930), 5 (Capture card). Give '--input' a camera's number or name, a video, an image, a folder of images or a URL.")]
    public void Find_NoneOrSeveral_ListsThem(string text, string expected) => Assert.Equal(expected, Assert.Throws<UsageException>(() => CameraList.Find(text, Several)).Message);

    private static Camera[] Several => [new(0, "BRIO"), new(1, "BRIO 4K"), new(2, "Logitech C920"), new(4, "Logitech C930"), new(5, "Capture card")];
}
