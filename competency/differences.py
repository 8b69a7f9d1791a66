"""What differs between two editions of a framework, in sentences. Pure."""

from competency.framework_file import FrameworkFile


def differences(old: FrameworkFile, new: FrameworkFile) -> list[str]:
    """Return Japanese sentences that name what differs between two editions, at most one per row.

    An empty list means that both are equal in everything, the order included.
    """
    found = [
        f"{label}が違います（{before or '空'} → {after or '空'}）"
        for label, before, after in [
            ("体系の符号", old.code, new.code),
            ("体系の名前", old.name, new.name),
            ("版の名前", old.version, new.version),
            ("出典", old.source, new.source),
            ("段階", "、".join(old.stages), "、".join(new.stages)),
        ]
        if before != after
    ]
    before, after = _flat(old), _flat(new)
    found += [f"{row} がなくなっています" for row in before if row not in after]
    found += [f"{row} が増えています" for row in after if row not in before]
    for row in before:
        if row in after and before[row] != after[row]:
            parts = [key for key in before[row] if before[row][key] != after[row][key]]
            found.append(f"{row} の{'、'.join(parts)}が違います")
    if not found and old != new:
        found.append("並び順が違います")
    return found


def _flat(framework: FrameworkFile) -> dict[str, dict[str, object]]:
    """Return what each row says, by a name of the row that a person recognises."""
    rows: dict[str, dict[str, object]] = {}
    for category in framework.categories:
        rows[f"分類 {category.code}"] = {"名前": category.name, "別名": category.alias}
        for area in category.areas:
            rows[f"区分 {area.code}"] = {"名前": area.name, "分類": category.code}
            for mark in area.marks:
                rows[f"項目 {mark.code}"] = {
                    "区分": area.code,
                    "名前": mark.task,
                    "段階": mark.stage,
                    "段階の位置の確認": mark.placement_confirmed,
                    "例": mark.example,
                    "到達度の文": mark.wording,
                }
    return rows
