"""The settings file: TOML whose keys are the variables' names without HALLPASS_, in lower case."""

import tomllib
from pathlib import Path

PREFIX = "HALLPASS_"
FILE_VARIABLE = "HALLPASS_SETTINGS_FILE"


def read_settings_file(path: str | None, problems: list[str]) -> dict[str, str]:
    """The file's values under their variables' names, as text; what is wrong is added to `problems`."""
    if not path:
        return {}
    try:
        table = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        problems.append(f"{FILE_VARIABLE} names {path!r}, which can't be read ({error.strerror}): correct the path.")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(f"{FILE_VARIABLE} names {path!r}, which is not TOML in UTF-8: {error}.")
    else:
        return _as_variables(table, path, problems)
    return {}


def _as_variables(table: dict[str, object], path: str, problems: list[str]) -> dict[str, str]:
    written: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, bool | int | str):
            written[PREFIX + key.upper()] = str(value).lower() if isinstance(value, bool) else str(value)
        else:
            problems.append(f"{key} in {path!r} must be a text, a whole number, true or false.")
    return written
