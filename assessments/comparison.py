"""What changed and what stands far apart, between last year, the person and the line. Pure."""

from dataclasses import dataclass

# Two steps or more are pointed out: nobody goes from 未経験 to 支援があればできる without anyone noticing.
FAR = 2


@dataclass(frozen=True)
class Steps:
    """The steps of one cell: the person's own, last year's confirmed one and that of the 一次確認, None if none."""

    own: int
    last: int | None = None
    first: int | None = None

    @property
    def unchanged(self) -> bool:
        """Say whether the person wrote what was confirmed last year."""
        return self.last is not None and self.own == self.last

    @property
    def agreed(self) -> bool:
        """Say whether the 一次確認 came to the person's own step."""
        return self.first is not None and self.first == self.own

    @property
    def change(self) -> int | None:
        """Return how many steps up (or down, negative) since last year; None without last year."""
        return None if self.last is None else self.own - self.last

    def far_apart(self) -> list[str]:
        """Return sentences for differences of two steps or more; a list, usually empty."""
        said = []
        if self.change is not None and abs(self.change) >= FAR:
            way = "上がって" if self.change > 0 else "下がって"
            said.append(f"昨年の確認より{abs(self.change)}段階{way}います。")
        if self.first is not None and abs(self.own - self.first) >= FAR:
            way = "低く" if self.first < self.own else "高く"
            said.append(f"一次確認は本人より{abs(self.own - self.first)}段階{way}なっています。")
        return said


def change_words(change: int | None) -> str:
    """Return the change since last year as a short tag: 昨年から＋2, 昨年から−1; nothing where there is none."""
    if not change:
        return ""
    return f"昨年から{'＋' if change > 0 else '−'}{abs(change)}"
