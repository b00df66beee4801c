using MlNetEmotion.Detector.Frames;

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

    public void Write(Frame frame, FrameResult result)
    {
        using StageTimings.Measurement writing = timings.Measure("events");
        table.Add(result);
        sources[result.Source] = (sources.GetValueOrDefault(result.Source) ?? new InputRecord(result.Source, 0, 0, 0)).With(result);
    }

    public void Dispose()
    {
        Array.ForEach([.. sources.Values], table.Done);
        table.Finish();
        table.Dispose();
        file.Dispose();
    }
}
