"""Pictures made of characters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from greenchain_cli.charts import Branch, Span, bars, histogram, tree

WIDTHS = [60, 80, 120]
AMOUNTS = st.floats(allow_nan=False, allow_infinity=False)
# Half cells that a character fills.
HALVES = (("█", 2), ("▌", 1), ("▐", 1))
LABELS = ["Electricity, coal · 四川省燃煤发电", "Cell", "Freight by lorry, EURO 5, 16–32 t"]


class TestBars:
    def test_they_are_as_long_as_their_amounts(self) -> None:
        lines = bars([Span.of("a", 4.0), Span.of("b", 2.0), Span.of("c", 1.0)], (), 80)
        assert [line.count("█") for line in lines] == [32, 16, 8]

    def test_half_a_cell_is_seen(self) -> None:
        lines = bars([Span.of("a", 64.0), Span.of("b", 3.0)], (), 80)
        assert lines[1] == "b  █▌"

    def test_negative_ones_go_to_the_other_side_of_zero(self) -> None:
        lines = bars([Span.of("a", 3.0), Span.of("b", -1.0), Span.of("c", 0.0)], (), 80)
        a, b, c = (line[3:] for line in lines)
        assert a == " " * 8 + "█" * 24
        assert b == "█" * 8 + "│"
        assert c == " " * 8 + "│"

    def test_an_amount_that_is_too_small_for_a_bar_is_seen_and_nothing_is_not(self) -> None:
        lines = bars([Span.of("a", 1.0), Span.of("b", 1e-9), Span.of("c", 0.0)], (), 80)
        assert lines[1:] == ["b  ▏", "c"]

    def test_an_origin_inside_of_the_axis_is_marked(self) -> None:
        lines = bars([Span("a", 1.0, 3.0, ()), Span("b", 2.0, 3.0, ())], (), 80, origin=2.0)
        assert lines == [f"a  {'█' * 32}", f"b  {' ' * 16}{'█' * 16}"]
        assert (
            "│" in bars([Span("a", 1.0, 1.5, ()), Span("b", 2.0, 3.0, ())], (), 80, origin=2.0)[0]
        )

    @pytest.mark.parametrize("width", WIDTHS)
    def test_figures_stand_below_their_header_and_no_label_is_cut(self, width: int) -> None:
        spans = [Span.of(label, 1.0, "1.000", "33.3 %") for label in LABELS]
        lines = bars(spans, ("kg CO2e", "share"), width)
        assert max(map(cell_len, lines)) <= width
        ends = {cell_len(line) for line in lines if line.endswith(("share", "%"))}
        assert len(ends) == 1
        assert all(any(label in line for line in lines) for label in LABELS)

    def test_where_labels_do_not_fit_they_stand_above(self) -> None:
        lines = bars([Span.of("x" * 50, 1.0, "1.000")], ("kg",), 60)
        assert lines[1] == "x" * 50
        assert lines[2].endswith("1.000")
        assert "█" in lines[2]

    def test_amounts_near_the_largest_float64_are_drawn(self) -> None:
        lines = bars([Span.of("a", 1.7e308), Span.of("b", -1.7e308)], (), 80)
        assert [line.count("█") for line in lines] == [16, 16]

    @given(
        ends=st.lists(st.tuples(AMOUNTS, AMOUNTS), min_size=1, max_size=6),
        origin=AMOUNTS,
        width=st.sampled_from(WIDTHS),
    )
    def test_whatever_the_amounts_they_fit_and_keep_their_order(
        self, ends: list[tuple[float, float]], origin: float, width: int
    ) -> None:
        spans = [Span("x", min(each), max(each), ()) for each in ends]
        lines = bars(spans, (), width, origin=origin)
        assert max(map(cell_len, lines)) <= width
        lengths = [sum(line.count(cell) * half for cell, half in HALVES) for line in lines]
        for one, length in zip(spans, lengths, strict=True):
            for other, other_length in zip(spans, lengths, strict=True):
                if one.low <= other.low and other.high <= one.high:
                    assert length >= other_length

    def test_no_bars_are_a_header_alone(self) -> None:
        assert [line.strip() for line in bars([], ("kg",), 80)] == ["kg"]


class TestHistogram:
    def test_columns_are_as_high_as_their_counts(self) -> None:
        lines = histogram([0.0, 1.0, 2.0, 3.0, 4.0], [8, 4, 0, 1], [], 4)
        assert lines[:8] == ["█", "█", "█", "█", "██", "██", "██", "██ █"]

    def test_a_single_sample_among_many_is_seen(self) -> None:
        lines = histogram([0.0, 1.0, 2.0], [10_000, 1], [], 2)
        assert lines[7] == "█▁"

    def test_marks_stand_where_their_values_are(self) -> None:
        lines = histogram([10.0, 15.0, 20.0], [1, 1], [("├", 10.0), ("┤", 20.0), ("┼", 15.0)], 20)
        axis = lines[8]
        assert (axis.index("├"), axis.index("┼"), axis.index("┤")) == (0, 10, 19)

    def test_a_mark_outside_is_left_out(self) -> None:
        assert "◆" not in "".join(histogram([0.0, 1.0], [1], [("◆", 2.0)], 20))

    @pytest.mark.parametrize("width", WIDTHS)
    def test_it_fits_and_names_its_ends(self, width: int) -> None:
        lines = histogram([-2.0 + n / 10 for n in range(41)], range(40), [], width)
        assert max(map(cell_len, lines)) <= width
        assert lines[-1].split() == ["-2.000", "2.000"]

    def test_all_samples_at_one_value_are_drawn(self) -> None:
        lines = histogram([3.0, 3.0], [5], [("┼", 3.0)], 20)
        assert lines[0] == "█" * 20

    def test_more_bins_than_cells_are_drawn_together(self) -> None:
        assert histogram(range(5), [2, 2, 0, 2], [], 2)[:8] == ["█", *["█", "█", "█"], *["██"] * 4]


class TestTree:
    BRANCHES = (
        Branch(0, "pack", ("10.0",)),
        Branch(1, "cell", ("6.0",)),
        Branch(2, "electricity", ("3.0",)),
        Branch(2, "cathode", ("2.5",)),
        Branch(1, "tray", ("4.0",)),
    )

    def test_lines_lead_from_each_branch_to_its_consumer(self) -> None:
        assert tree(self.BRANCHES, ("kg", "activity"), 80) == [
            "  kg  activity",
            "10.0  pack",
            " 6.0  ├ cell",
            " 3.0  │ ├ electricity",
            " 2.5  │ └ cathode",
            " 4.0  └ tray",
        ]

    @pytest.mark.parametrize("width", WIDTHS)
    def test_a_long_name_goes_on_below(self, width: int) -> None:
        name = "磷酸铁锂正极材料" * 10
        lines = tree(
            [Branch(0, "pack", ("1",)), Branch(1, name, ("1",))], ("kg", "activity"), width
        )
        assert max(map(cell_len, lines)) <= width
        assert "".join(line[4:].strip(" └") for line in lines[2:]) == name
