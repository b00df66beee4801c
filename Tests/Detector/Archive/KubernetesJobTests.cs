using System.Runtime.CompilerServices;
using k8s;
using k8s.Models;
using MlNetEmotion.Detector;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Archive;

/// <summary>The Kubernetes job, parsed with the official client's model of the API, without a cluster.</summary>
public sealed class KubernetesJobTests
{
    [Fact]
    public async Task Job_Manifest_HasNoFieldThatTheApiDoesNotKnow()
    {
        var job = Assert.IsType<V1Job>(Assert.Single(KubernetesYaml.LoadAllFromString(File.ReadAllText(Manifest()), typeMap: null, strict: true)));

        Assert.Equal(("batch/v1", "Job"), (job.ApiVersion, job.Kind));
        Assert.Equal(("Indexed", job.Spec.Completions), (job.Spec.CompletionMode, job.Spec.Parallelism));
        Assert.Equal(5, job.Spec.BackoffLimitPerIndex);    // required by the action FailIndex, as is the restart policy
        Assert.Equal("Never", job.Spec.Template.Spec.RestartPolicy);
        V1PodFailurePolicyRule usage = Assert.Single(job.Spec.PodFailurePolicy.Rules, rule => rule.OnExitCodes is not null);
        V1Container container = Assert.Single(job.Spec.Template.Spec.Containers);
        Assert.Equal(("FailIndex", "In", container.Name), (usage.Action, usage.OnExitCodes.OperatorProperty, usage.OnExitCodes.ContainerName));
        Assert.Equal([2], usage.OnExitCodes.Values);
        Assert.Equal(["cpu", "memory"], container.Resources.Requests.Keys.Order(StringComparer.Ordinal));
        Assert.Empty(await InProcess.Alone(() => Task.FromResult(DetectorCommand.Create().Parse([.. container.Args], new() { ResponseFileTokenReplacer = null }).Errors)));
        Assert.Equal($"{job.Spec.Completions}", container.Args[container.Args.IndexOf("--shards") + 1]);
    }

    private static string Manifest([CallerFilePath] string path = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "..", "..", "..", "eng", "archive-job.yaml"));
}
