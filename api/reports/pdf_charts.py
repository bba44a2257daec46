"""Charts of a PDF report, drawn as vectors."""
# mypy: disable-error-code="import-untyped"

import math

from reportlab.graphics.charts.barcharts import VerticalBarChart
from reportlab.graphics.charts.legends import Legend
from reportlab.graphics.shapes import Drawing
from reportlab.lib import colors

from api.reports.model import Chart

HEIGHT = 150
FILLS = ("#b3261e", "#e8710a", "#c9a100", "#5b7f9d")
"""Critical, high, medium, low: priorities of alarms, which are no warning colours."""


def drawing(chart: Chart, font: str, width: float) -> Drawing:
    """Stacked columns with a legend."""
    made = Drawing(width, HEIGHT)
    bars = VerticalBarChart()
    bars.x, bars.y, bars.width, bars.height = 28, 22, width - 110, HEIGHT - 34
    bars.data = [list(values) for _, values in chart.series]
    bars.categoryAxis.style = "stacked"
    bars.categoryAxis.categoryNames = list(chart.categories)
    bars.categoryAxis.labels.fontName = font
    bars.categoryAxis.labels.fontSize = 7
    top = max((sum(values) for values in zip(*(v for _, v in chart.series), strict=True)), default=0.0)
    bars.valueAxis.valueMin = 0
    bars.valueAxis.valueStep = step_of(top)
    bars.valueAxis.valueMax = max(1, math.ceil(top / step_of(top))) * step_of(top)
    bars.valueAxis.labels.fontName = font
    bars.valueAxis.labels.fontSize = 7
    bars.valueAxis.visibleGrid = True
    bars.valueAxis.gridStrokeColor = colors.HexColor("#d5dbe1")
    bars.groupSpacing = 4
    for index, fill in enumerate(FILLS[: len(chart.series)]):
        bars.bars[index].fillColor = colors.HexColor(fill)
        bars.bars[index].strokeColor = None
    made.add(bars)
    made.add(_legend(chart, font, width))
    return made


def step_of(top: float) -> int:
    """A round distance of grid lines: about five of them, whole numbers."""
    if top <= 5:
        return 1
    raw = top / 5
    power = 10 ** math.floor(math.log10(raw))
    return int(next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw))


def _legend(chart: Chart, font: str, width: float) -> Legend:
    legend = Legend()
    legend.x, legend.y = width - 70, HEIGHT - 20
    legend.fontName, legend.fontSize = font, 7.5
    legend.alignment, legend.columnMaximum = "right", len(chart.series)
    legend.dx = legend.dy = 7
    legend.colorNamePairs = [
        (colors.HexColor(fill), name) for fill, (name, _) in zip(FILLS, chart.series, strict=False)
    ]
    return legend
