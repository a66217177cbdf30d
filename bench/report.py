"""The table that a person reads: ratios, and each contender's own figure only beside the others'."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bench.ratios import Ratio
from bench.rounds import Measured
from bench.trial import Contender, Kind


def print_trial(console: Console, measured: Measured) -> None:
    """One table per trial, with its notes below."""
    trial = measured.trial
    better = "more is better" if trial.more_is_better else "less is better"
    table = Table(title=trial.title, title_justify="left", title_style="bold", caption_justify="left")
    table.add_column("beside")
    table.add_column("kind")
    table.add_column(f"Hallpass ÷ this\n({better})", justify="right")
    table.add_column("over the rounds", justify="right")
    table.add_column(f"median\n{trial.unit}", justify="right", style="dim")
    if trial.targets:
        table.add_column("target")
    table.add_column("errors", justify="right")
    for contender in trial.contenders:
        table.add_row(*_cells(measured, contender))
    console.print(table)
    for note in trial.notes:
        console.print(Text(f"  {note}", style="dim"))
    for contender in trial.contenders:
        if error := measured.first_error(contender):
            console.print(Text(f"  {contender.name}: {error}", style="red"))
    console.print()


def _cells(measured: Measured, contender: Contender) -> list[str | Text]:
    errors = measured.errors(contender)
    cells: list[str | Text] = [contender.name, contender.kind.value]
    if contender.kind is Kind.OURS:
        cells += ["", ""]
    else:
        ratio = measured.ratio(contender)
        cells += ["–", ""] if ratio is None else [ratio_text(ratio.median), spread(ratio)]
    cells.append(figure(measured.median(contender)))
    if measured.trial.targets:
        cells.append(_target(measured, contender))
    cells.append(Text(str(errors), style="red" if errors else ""))
    return cells


def ratio_text(ratio: float) -> str:
    """Three digits that count; small ones as a fraction, which is easier to take in."""
    if 0 < ratio < 0.1:
        return f"1/{1 / ratio:.0f}"
    return f"{ratio:.0f}×" if ratio >= 100 else f"{ratio:.3g}×"


def figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:,.3g}"


def spread(ratio: Ratio) -> str:
    """The least and the most over the rounds."""
    return f"{ratio_text(ratio.least)} – {ratio_text(ratio.most)}"


def _target(measured: Measured, contender: Contender) -> Text:
    target = next((one for one in measured.trial.targets if one.beside == contender.name), None)
    ratio = measured.ratio(contender) if target and contender.kind is not Kind.OURS else None
    if target is None or ratio is None:
        return Text("")
    met = target.is_met(ratio.median)
    return Text(f"{target} {'met' if met else 'missed'}", style="green" if met else "red")
