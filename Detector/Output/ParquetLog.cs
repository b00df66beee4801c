using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Programs.Archive;

namespace MlNetEmotion.Detector.Output;

/// <summary>Writes faces and each source's number of frames to a Parquet file, which is complete after Dispose. Not thread-safe.</summary>
internal sealed class ParquetLog : IEventLog
{
    private readonly Stream file;
    private readonly StageTimings timings;
    private readonly FaceTableWriter table;
    private readonly OrderedDictionary<string, InputRecord> sources = [];

    /// <param name="file">Owned: disposed with this.</param>
    public ParquetLog(Stream file, StageTimings timings) => (this.file, this.timings, table) = (file, timings, new FaceTableWriter(file, settings: ""));

    public static FaceRow Row(FrameResult frame, FaceResult face) =>
        new(frame.Source, frame.Frame, frame.Timestamp.TotalMilliseconds, face.TrackId, face.Box, face.Emotion, face.Shown, face.Scores);

    /// <summary>Returns an input's record with one more frame.</summary>
    public static InputRecord Count(InputRecord input, FrameResult frame) =>
        input with { Frames = input.Frames + 1, Faces = input.Faces + frame.Faces.Count, LastMs = frame.Timestamp.TotalMilliseconds };

    public void Write(Frame frame, FrameResult result)
    {
        using StageTimings.Measurement writing = timings.Measure("events");
        result.Faces.ForEach(face => table.Add(Row(result, face)));
        sources[result.Source] = Count(sources.GetValueOrDefault(result.Source) ?? new InputRecord(result.Source, 0, 0, 0), result);
    }

    public void Dispose()
    {
        foreach (InputRecord source in sources.Values)
        {
            table.Done(source);
        }

        table.Finish();
        table.Dispose();
        file.Dispose();
    }
}
