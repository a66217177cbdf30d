"""Files of people and student groups: formats, their templates, and readers from bytes to judged rows. No IO.

* `format_file.read_format(text, file)` makes a checked `Format` of a TOML text (`programs/formats/*.toml`).
* `known.file_knowledge(pack, year, earlier_packs)` says which role names count; functions for odd cells are set on it.
* `reader.FileReader(format, known, limits)`: `feed(chunk) -> list[Item]` for each chunk of bytes, then `end()`.
  `reader.read(format, known, chunks, limits)` does that for an iterable of chunks. An `Item` is a `Row` or a
  `RowProblem`; `FileRefusedError` is raised where nothing can be read on, also in the middle.
* `groups.GroupReader` and `groups.read_groups` are the same for `GroupRow`s (RDW student groups, TIDE rosters).
* `templates.template_csv(format)` is an empty template, `templates.specification(format, known)` its table of columns;
  `export.safe_cell(text)` is how any report writes a cell.
"""
