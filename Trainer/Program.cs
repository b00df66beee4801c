using System.CommandLine;
using MlNetEmotion.CommandLine;
using MlNetEmotion.Trainer.Commands;

var root = new RootCommand("Trains a seven-class facial emotion network and writes it as one ONNX file.");
root.Subcommands.Add(TrainCommand.Create());
return await CommandLineApplication.RunAsync(root, args);
