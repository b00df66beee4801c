using MlNetEmotion.Programs;
using MlNetEmotion.Detector.Running;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Running;

public sealed class ShardTests
{
    [Theory]
    [InlineData("3/8", null, "", "3/8")]
    [InlineData("0/1", null, "", "0/1")]
    [InlineData(null, 8, "JOB_COMPLETION_INDEX=3", "3/8")]
    [InlineData(null, 8, "SLURM_ARRAY_TASK_ID=5 SLURM_ARRAY_TASK_COUNT=2", "5/8")]    // --array=3,5 does two of eight again
    [InlineData("auto", null, "ID=3 COUNT=8 MIN=0 MAX=7 STEP=1", "3/8")]
    [InlineData("auto", null, "ID=1 COUNT=8 MIN=1 MAX=8 STEP=1", "0/8")]
    [InlineData("auto", null, "ID=14 COUNT=4 MIN=2 MAX=16 STEP=4", "3/4")]    // 2, 6, 10, 14
    public void Read_WhatWasAsked_IsThatShard(string? shard, int? shards, string variables, string expected) =>
        Assert.Equal(expected, $"{Shard.Read(shard, shards, name => Variable(variables, name))}");

    [Theory]
    [InlineData("8/8", null, "", "--shard is '8/8', but must be I/N, with I from 0 to N-1")]
    [InlineData("-1/8", null, "", "--shard is '-1/8'")]
    [InlineData("1", null, "", "--shard is '1'")]
    [InlineData("0/8", 8, "", "give one of them")]
    [InlineData(null, 8, "", "neither is set")]
    [InlineData(null, 8, "SLURM_ARRAY_TASK_ID=8", "SLURM_ARRAY_TASK_ID is 8, but must be 0 to 7")]
    [InlineData("auto", null, "", "needs the variables of a Slurm array")]
    [InlineData("auto", null, "ID=5 COUNT=2 MIN=3 MAX=5 STEP=1", "the array has gaps (2 tasks from 3 to 5)")]
    public void Read_WhatCannotBe_IsRefused(string? shard, int? shards, string variables, string expected) =>
        Assert.Contains(expected, Assert.Throws<UsageException>(() => Shard.Read(shard, shards, name => Variable(variables, name))).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_InAnArrayUnasked_IsNone() => Assert.Null(Shard.Read(shard: null, shards: null, name => Variable("ID=3 COUNT=8 MIN=0 MAX=7 STEP=1", name)));

    private static string? Variable(string variables, string name) => variables.Split(' ').Select(variable => variable.Split('='))
        .FirstOrDefault(pair => name == pair[0] || name == $"SLURM_ARRAY_TASK_{pair[0]}")?[1];
}
