using MlNetEmotion.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Data;

public sealed class DataViewTests
{
    private static readonly DataColumn<string> Other = new("Pixels", "a column of the same name");

    [Fact]
    public void Where_Label_DecodesNothing()
    {
        MemoryView view = ThreeFaces();

        IDataView sad = view.Where(FaceColumns.Label, label => label == Emotion.Sad).Take(1);

        Assert.Equal("1", Assert.Single(sad.Rows()).Get(FaceColumns.Source));
        Assert.Equal(0, view.Decoded);
    }

    [Fact]
    public void Where_UnreadableValue_StaysIn()
    {
        DataRow broken = FaceColumns.Row("b", Split.Train, () => throw new InvalidDataException("no label"), () => []);

        IDataView chosen = new RowsView([broken]).Where(FaceColumns.Label, _ => false);

        Assert.Same(broken, Assert.Single(chosen.Rows()));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 2)]
    [InlineData(9, 3)]
    public void Take_Count_LimitsRowsAndRowCount(int count, int expected)
    {
        IDataView first = ThreeFaces().Take(count);

        Assert.Equal(expected, first.Rows().Count());
        Assert.Equal(expected, first.RowCount);
    }

    [Fact]
    public void Where_ColumnOfAnotherSchema_Throws() =>
        Assert.Throws<ArgumentException>(() => ThreeFaces().Where(Other, _ => true));

    [Fact]
    public void Schema_TwoColumnsOfOneName_Throws() =>
        Assert.Throws<ArgumentException>(() => new DataSchema(FaceColumns.Pixels, Other));

    [Fact]
    public void Schema_Faces_ListsTheColumns()
    {
        Assert.Equal(["Pixels", "Label", "Split", "Source"], FaceColumns.Schema.Select(column => column.Name));
        Assert.Equal(typeof(byte[]), FaceColumns.Schema[0].Type);
        Assert.Equal(1, FaceColumns.Schema.IndexOf(FaceColumns.Label));
    }

    private static MemoryView ThreeFaces() => new((Emotion.Happy, []), (Emotion.Sad, []), (Emotion.Sad, []));

    private sealed class RowsView(DataRow[] rows) : IDataView
    {
        public string Name => "rows";

        public DataSchema Schema => FaceColumns.Schema;

        public long? RowCount => rows.Length;

        public IReadOnlyList<string> Warnings => [];

        public IEnumerable<DataRow> Rows() => rows;
    }
}
