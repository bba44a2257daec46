"""The example of the documentation is a file that the service takes."""

import re
from pathlib import Path

from api.rotas.check import check_definition
from api.rotas.rota_file import RotaFile

PAGE = Path(__file__).parents[2] / "docs" / "on-call.md"


def test_the_documented_file_has_no_mistake() -> None:
    [example] = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    read = RotaFile(example, "rotas.yaml")
    assert read.findings == []
    [(entry, _)] = read.entries
    assert check_definition(entry.definition()) == []
    assert [layer.name for layer in entry.layers] == ["每周值班", "夜班"]
