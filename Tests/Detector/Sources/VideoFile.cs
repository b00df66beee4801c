using System.Buffers.Binary;
using System.Diagnostics;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Output;
using OpenCvSharp;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Sources;

/// <summary>Small videos, generated and damaged for tests. OpenCV writes an MP4's index ('moov') after the frames.</summary>
internal static class VideoFile
{
    private static readonly string[] PathToTimes = ["moov", "trak", "mdia", "minf", "stbl"];

    /// <summary>Writes frames of 64×48 pixels at 25 frames/s: the left half red, the right half blue, each frame brighter than the one before.</summary>
    public static string Write(string path, int frames)
    {
        using var writer = Create(path, 25, 64, 48);
        var pixels = new byte[64 * 48 * 3];
        for (int frame = 0; frame < frames; frame++)
        {
            for (int i = 0; i < pixels.Length; i += 3)
            {
                bool isLeft = i / 3 % 64 < 32;
                (pixels[i], pixels[i + 1], pixels[i + 2]) = (isLeft ? (byte)0 : (byte)200, (byte)frame, isLeft ? (byte)200 : (byte)0);
            }

            using Frame image = Frame.FromPixels(new ImageView(pixels, 64, 48, PixelFormat.Bgr24));
            writer.Write(image.Mat);
        }

        return path;
    }

    public static VideoWriter Create(string path, double framesPerSecond, int width, int height) =>
        new(path, VideoCaptureAPIs.FFMPEG, FourCC.FromString(Path.GetExtension(path) == ".avi" ? "MJPG" : "mp4v"), framesPerSecond, new Size(width, height));

    /// <summary>Writes a file with ffmpeg, from its test sources.</summary>
    public static string Encode(string path, string args)
    {
        Assert.SkipUnless(FfmpegEncoder.Has("mpeg4"), "needs ffmpeg on the PATH");
        using Process ffmpeg = Process.Start("ffmpeg", ["-v", "error", "-nostdin", "-y", .. args.Split(' '), path]);
        ffmpeg.WaitForExit();
        Assert.Equal(0, ffmpeg.ExitCode);
        return path;
    }

    public static VideoCapture Open(string path) => new(path, VideoCaptureAPIs.FFMPEG);

    /// <summary>Returns the number of frames that a player shows.</summary>
    public static int Frames(string path)
    {
        using VideoCapture capture = VideoFile.Open(path);
        using var frame = new Frame();
        int frames = 0;
        while (capture.Read(frame.Mat))
        {
            frames++;
        }

        return frames;
    }

    /// <summary>Rotates a video as a phone held upright does: frames in the sensor's orientation, and a matrix that rotates them clockwise.</summary>
    public static void Turn(string mp4)
    {
        byte[] file = File.ReadAllBytes(mp4);
        int matrix = file.AsSpan().IndexOf("tkhd"u8) + 44;    // ISO/IEC 14496-12, 8.3.2
        int[] values = [0, 0x10000, 0, -0x10000, 0, 0, 48 << 16, 0, 0x40000000];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(matrix + (4 * i)), values[i]);
        }

        File.WriteAllBytes(mp4, file);
    }

    /// <summary>Changes the frames' durations, in units of 1/25 s.</summary>
    public static void Retime(string mp4, params (int Frames, double Duration)[] times)
    {
        byte[] file = File.ReadAllBytes(mp4);
        int box = file.AsSpan().IndexOf("stts"u8) - 4;    // 8.6.1.2: size, type, version, count, then pairs of frame count and duration
        int size = Int(box);
        int unit = Int(box + 20);
        var table = new byte[16 + (8 * times.Length)];
        file.AsSpan(box, 16).CopyTo(table);
        BinaryPrimitives.WriteInt32BigEndian(table, table.Length);
        BinaryPrimitives.WriteInt32BigEndian(table.AsSpan(12), times.Length);
        for (int i = 0; i < times.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(table.AsSpan(16 + (8 * i)), times[i].Frames);
            BinaryPrimitives.WriteInt32BigEndian(table.AsSpan(20 + (8 * i)), (int)(times[i].Duration * unit));
        }

        int at = 0;
        foreach (string name in PathToTimes)
        {
            at = Child(name, at);
            BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(at), Int(at) + table.Length - size);
            at += 8;
        }

        File.WriteAllBytes(mp4, [.. file[..box], .. table, .. file[(box + size)..]]);

        int Int(int position) => BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(position));

        int Child(string name, int position)
        {
            while (!file.AsSpan(position + 4, 4).SequenceEqual(name.Select(c => (byte)c).ToArray()))
            {
                position += Int(position);
            }

            return position;
        }
    }
}
