"""A multipart form read as it arrives (RFC 7578): its fields, then the bytes of the one file that stands last in it."""

from typing import TYPE_CHECKING, Final

from python_multipart.multipart import MultipartParser, parse_options_header

from gateway.refusals import Kind, RefusedError

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

FILE_FIELD: Final = "file"
_MOST_FIELD_BYTES: Final = 4_096
_MOST_FIELDS: Final = 20


class FormWithFile:
    """Feed it the body's chunks: `fields` are complete when `file_name` isn't None, `take()` gives the file's bytes."""

    def __init__(self, content_type: str) -> None:
        """Raises RefusedError for a form without a boundary."""
        _, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if not boundary:
            raise RefusedError(Kind.BAD_USER_INPUT, "The form has no boundary. Send it as a browser does.")
        self.fields: dict[str, str] = {}
        self.file_name: str | None = None
        self._name = ""
        self._header = b""
        self._value = b""
        self._data = bytearray()
        self._file_ended = False
        callbacks: MultipartCallbacks = {
            "on_header_field": self._on_header_field,
            "on_header_value": self._on_header_value,
            "on_header_end": self._on_header_end,
            "on_part_data": self._on_part_data,
            "on_part_end": self._on_part_end,
        }
        self._parser = MultipartParser(boundary, callbacks)

    def feed(self, chunk: bytes) -> None:
        """Raises RefusedError for what is no such form, and for anything behind the file."""
        try:
            self._parser.write(chunk)
        except ValueError as error:
            raise RefusedError(Kind.BAD_USER_INPUT, "The form can't be read. Send it as a browser does.") from error

    def take(self) -> bytes:
        """The file's bytes that have arrived since the last call."""
        if self.file_name is None:
            return b""
        data, self._data = bytes(self._data), bytearray()
        return data

    def finish(self) -> None:
        """Raises RefusedError where the form ended before its file did."""
        if not self._file_ended:
            text = f"The form has no whole file. Send it in the field {FILE_FIELD}, as the last one."
            raise RefusedError(Kind.BAD_USER_INPUT, text)

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        header, value, self._header, self._value = self._header.lower(), self._value, b"", b""
        if header != b"content-disposition":
            return
        _, options = parse_options_header(value)
        if self.file_name is not None or len(self.fields) >= _MOST_FIELDS:
            raise RefusedError(Kind.BAD_USER_INPUT, "The form has more fields than expected, or some behind the file.")
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        if self._name == FILE_FIELD:
            self.file_name = options.get(b"filename", b"").decode("utf-8", "replace")

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        self._data += data[start:end]
        if self.file_name is None and len(self._data) > _MOST_FIELD_BYTES:
            raise RefusedError(Kind.BAD_USER_INPUT, f"The field {self._name[:40]} of the form is too long.")

    def _on_part_end(self) -> None:
        if self.file_name is not None:
            self._file_ended = True
            return
        self.fields[self._name] = self._data.decode("utf-8", "replace")
        self._data.clear()
