"""Geometry: numbers in, points out."""

import pytest
from django.utils import translation

from academy import charts
from academy.ui import Series, Station


def test_first_spoke_points_up_and_the_others_go_clockwise():
    assert charts.spoke(0, 4) == (0, -100)
    assert charts.spoke(1, 4) == (100, 0)
    assert charts.spoke(2, 4, 0.5) == (0, 50)


def test_path_closes_only_around_an_area():
    assert charts.path([]) == ""
    assert charts.path([(0, 1), (2, 3)]) == "M0 1L2 3"
    assert charts.path([(0, 1), (2, 3), (4, 5)]) == "M0 1L2 3L4 5Z"


def test_what_cannot_be_judged_is_left_out_and_never_zero():
    drawn = charts.radar([Series("You", False, {"a": 1.0, "b": None, "c": 0.5, "d": 0.0})])
    assert [len(outline.points) for outline in drawn.outlines] == [3]
    assert (0.0, 0.0) in [(abs(x), abs(y)) for x, y in drawn.outlines[0].points]
    assert drawn.rows[1] == ("b", ("—",))


def test_a_series_keeps_its_places_on_the_axes_of_all():
    drawn = charts.radar([Series("A", False, {"x": 1, "y": 1, "z": 1}), Series("B", True, {"z": 0.5})], top=4)
    assert [axis.label for axis in drawn.axes] == ["x", "y", "z"]
    assert drawn.rows == (("x", ("4 / 4", "—")), ("y", ("4 / 4", "—")), ("z", ("4 / 4", "2 / 4")))
    assert drawn.outlines[1].points == (charts.spoke(2, 3, 0.5),)


@pytest.mark.parametrize(("value", "point"), [(1.7, (0, -100)), (-1, (0, 0))])
def test_a_value_outside_the_scale_stays_on_the_drawing(value, point):
    drawn = charts.radar([Series("A", False, {"x": value, "y": 1, "z": 1})])
    assert tuple(abs(n) for n in drawn.outlines[0].points[0]) == tuple(abs(n) for n in point)


def test_no_series_is_an_empty_drawing():
    drawn = charts.radar([])
    assert (drawn.axes, drawn.outlines, drawn.rows) == ((), (), ())


def test_shares_are_written_for_people():
    with translation.override("en"):
        assert charts.share_words(0.755, 100) == "75.5\u202f%"
        assert charts.share_words(0.5, 4) == "2 / 4"
    with translation.override("fr"):
        assert charts.share_words(0.755, 100) == "75,5\u202f%"


def test_long_labels_break_and_end_with_an_ellipsis():
    assert charts.wrap("Craft and procedures") == ("Craft and", "procedures")
    assert charts.wrap("one two three four five six", width=7, lines=2) == ("one two", "three…")


def test_a_pillar_is_recognised_by_its_name():
    names = {"en": ("Social impact", "Craft and procedures"), "fr": ("Impact social", "Métier et procédures")}
    for language, (impact, craft) in names.items():
        with translation.override(language):
            drawn = charts.radar([Series("A", False, {impact: 1, craft: 1, "Other": 1})])
        assert [axis.pillar for axis in drawn.axes] == ["impact", "craft", ""]


def test_mini_rail_spreads_its_stations_evenly():
    assert charts.rail_points(3) == ([8, 24, 40], 48)
    assert charts.rail_points(0) == ([], 16)


def test_a_station_refuses_a_state_that_nobody_knows():
    with pytest.raises(ValueError, match="almost"):
        Station("Apply", state="almost")
