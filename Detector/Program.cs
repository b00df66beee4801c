using MlNetEmotion.Detector;

return await CommandLineApplication.RunAsync(DetectorCommand.Create(), args);
