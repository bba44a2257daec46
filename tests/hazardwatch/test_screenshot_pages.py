"""Which pictures there are beside one of each page."""

from hazardwatch.dashboard import FOLDER
from hazardwatch.screenshots import park
from hazardwatch.screenshots.pages import WALL_SCENES, Shown, on_phones, on_walls

ALARMS = Shown("alarms", "报警 Alarms", "alarms", "operator")
WALL = Shown("wall", "大屏 Wall display", "wall", "bureau_duty_officer")


def test_pages_of_people_on_their_way_are_shown_on_a_telephone_too() -> None:
    assert [(page.name, page.phone) for page in on_phones([ALARMS, WALL])] == [
        ("alarms", False),
        ("alarms-phone", True),
        ("wall", False),
    ]


def test_wall_is_followed_by_each_scene_of_the_park() -> None:
    alarms, wall, *scenes = on_walls([ALARMS, WALL])
    assert (alarms, wall) == (ALARMS, WALL)
    assert [page.scene for page in scenes] == list(WALL_SCENES)
    assert {page.name for page in (wall, *scenes)} <= park.PAGES
    assert all(page.path == f"wall?scenes={page.scene}&seconds=600" for page in scenes)


def test_scenes_are_named_as_the_wall_names_them() -> None:
    named = (FOLDER / "src/desks/wall/address.ts").read_text("utf-8")
    assert [scene for scene in WALL_SCENES if f'"{scene}"' not in named] == []
