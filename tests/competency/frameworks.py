"""Correct frameworks at random, small ones by hypothesis and large ones by dice."""

import random

from hypothesis import strategies as st

from competency.framework_shape import RULES, Area, Base, Category, FrameworkFile, Mark, Origin

TEXT = (
    st.text(
        st.characters(exclude_categories=("C", "Z"), include_characters="　 𠮷髙=+@'\""),
        min_size=1,
        max_size=15,
    )
    .map(str.strip)
    .filter(bool)
)
WORDING = st.just(()) | st.tuples(TEXT, TEXT, TEXT, TEXT, TEXT)
CODES = st.from_regex(r"[a-z]{1,4}\.[0-9]{1,2}", fullmatch=True)


@st.composite
def frameworks(draw):
    """Build any correct framework, as the loader would leave it."""
    stages = tuple(draw(st.lists(TEXT, min_size=3, max_size=3, unique=True)))
    counter = iter(range(1000))
    based_on = draw(st.none() | st.builds(Base, st.from_regex(r"[a-z]{1,8}", fullmatch=True), TEXT))
    origins = st.none()
    if based_on:
        origins |= st.lists(
            st.builds(Origin, CODES, st.sampled_from(RULES)), max_size=3, unique_by=lambda one: one.code
        ).map(tuple)
    mark = st.builds(
        lambda **values: Mark(code=f"m.{next(counter)}", **values),
        task=TEXT | st.just(""),
        stage=st.sampled_from(stages),
        placement_confirmed=st.booleans(),
        example=TEXT | st.just(""),
        wording=WORDING,
        source=TEXT | st.just(""),
        in_use=st.booleans(),
        origins=origins,
    )
    area = st.builds(
        lambda name, marks, source: Area(f"a{next(counter)}", name, tuple(marks), source),
        TEXT,
        st.lists(mark, min_size=1, max_size=3),
        TEXT | st.just(""),
    )
    category = st.builds(
        lambda name, alias, areas, source: Category(f"c{next(counter)}", name, alias, tuple(areas), source),
        TEXT,
        TEXT | st.just(""),
        st.lists(area, min_size=1, max_size=3),
        TEXT | st.just(""),
    )
    return FrameworkFile(
        code="any",
        name=draw(TEXT),
        version=draw(TEXT),
        source=draw(TEXT | st.just("")),
        stages=stages,
        categories=tuple(draw(st.lists(category, min_size=1, max_size=3))),
        based_on=based_on,
        note=draw(TEXT | st.just("")) if based_on else "",
    )


def large(seed: int, cells: int = 400) -> FrameworkFile:
    """Return a framework of so many cells in areas of up to 20, thrown by dice of this seed."""
    dice = random.Random(seed)
    stages = ("初級", "中級", "上級")
    marks = [
        Mark(
            code=f"area-{number // 20}.{number}",
            task=f"仕事{number}" if dice.random() < 0.9 else "",
            stage=dice.choice(stages),
            placement_confirmed=dice.random() < 0.5,
            wording=tuple(f"段階{step}の文{number}" for step in range(5)) if dice.random() < 0.8 else (),
            in_use=dice.random() < 0.9,
        )
        for number in range(cells)
    ]
    areas = [
        Area(f"area-{at}", f"区分{at}", tuple(marks[at * 20 : at * 20 + 20]))
        for at in range((cells + 19) // 20)
    ]
    categories = tuple(
        Category(f"category-{at}", f"分類{at}", "", tuple(areas[at * 5 : at * 5 + 5]))
        for at in range((len(areas) + 4) // 5)
    )
    return FrameworkFile("large", "大きな体系", "2026", "試験用", stages, categories)
