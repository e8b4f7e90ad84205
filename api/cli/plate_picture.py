"""Where to put a weight, drawn in characters."""

from collections.abc import Sequence
from typing import Final

from rich.text import Text

WIDTH: Final = 41
"""Characters; a character is about twice as high as wide."""
TALLEST: Final = 25


def plate_picture(
    cells: Sequence[tuple[float, float]], places: Sequence[tuple[float, float]], target: tuple[float, float] | None
) -> Text:
    """The board from above, forward up: cells ``▪``, places ``·``, and where the weight goes ``◉``; mm."""
    points = [*cells, *places]
    half_x = 1.1 * max((abs(x) for x, _ in points), default=1.0) or 1.0
    half_y = 1.1 * max((abs(y) for _, y in points), default=1.0) or 1.0
    height = min(TALLEST, max(7, round(WIDTH / 2 * half_y / half_x))) | 1
    grid = [[" "] * WIDTH for _ in range(height)]
    marks = [(cells, "▪"), (places, "·"), ([target] if target else [], "◉")]
    for at, mark in marks:
        for x, y in at:
            row, column = round((1.0 - y / half_y) / 2.0 * (height - 1)), round((1.0 + x / half_x) / 2.0 * (WIDTH - 1))
            if 0 <= row < height and 0 <= column < WIDTH:
                grid[row][column] = mark
    lines = [f"┌{'─ front ':─^{WIDTH}}┐", *(f"│{''.join(row)}│" for row in grid), f"└{'':─^{WIDTH}}┘"]
    text = Text("\n".join(lines), style="dim")
    text.highlight_regex("◉", "bold yellow not dim")
    text.highlight_regex("▪", "cyan not dim")
    return text
