using System.CommandLine;
using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Commands;

var root = new RootCommand("Trains a seven-class facial emotion network and writes it as one ONNX file. Without a command: trains on generated sample faces.")
{
    TrainCommand.Create(),
    EvaluateCommand.Create(),
    ScoreCommand.Create(),
    CalibrateCommand.Create(),
    CombineCommand.Create(),
    ExportCommand.Create(),
    AdoptCommand.Create(),
    SamplesCommand.Create(),
    GenerateCommand.Create(),
    BenchmarkCommand.Create(),
};
root.SetAction((parsed, stop) => Task.FromResult(TrainCommand.TrainOnSamples(parsed, stop)));
return await CommandLineApplication.RunAsync(root, args);
