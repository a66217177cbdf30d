"""Bytes as lines of text: UTF-8 with or without a mark, UTF-16, or what Excel for Windows writes. Chunk by chunk."""

import codecs
import io

from policy.files.file_kinds import LOOKED_AT, refuse_other_kinds
from policy.files.rows import FileRefusedError

SAVE_AS_UTF8 = "Save the file as “CSV UTF-8 (comma delimited)”."
_LONGEST_LINE = 262_144
_ZEROS = "The file holds zero bytes: it is damaged, or no text."


class TextLines:
    """Feed chunks in order, then call `end`; each gives the lines that it finished, with their line ends.

    A line ends with CR LF, LF or CR and with nothing else: other separators of Unicode are part of a cell.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._size = 0
        self._start = bytearray()
        self._decoder: codecs.IncrementalDecoder | None = None
        self._plain = True
        self._tail = ""
        self.encoding = "utf-8"
        """`windows-1252` as soon as a byte shows that it can't be UTF-8."""
        self.odd_place = ""
        """The text around the byte that showed it, for the warning."""

    def feed(self, chunk: bytes) -> list[str]:
        """The lines that end in this chunk. Raises FileRefusedError."""
        self._size += len(chunk)
        if self._size > self._most:
            raise _too_large(self._most)
        if self._decoder is None:
            self._start += chunk
            if len(self._start) < LOOKED_AT:
                return []
            chunk = self._begin()
        return self._split(self._decode(chunk, final=False))

    def end(self) -> list[str]:
        """What is left, the last line perhaps without a line end. Raises FileRefusedError."""
        chunk = self._begin() if self._decoder is None else b""
        lines = self._split(self._decode(chunk, final=True))
        if self._tail:
            lines.append(self._tail)
        return lines

    def _begin(self) -> bytes:
        start = bytes(self._start)
        self._start.clear()
        refuse_other_kinds(start[:LOOKED_AT])
        self.encoding = _guess(start[:LOOKED_AT])
        self._decoder = codecs.getincrementaldecoder("utf-8" if self.encoding == "utf-8" else self.encoding)()
        return start.removeprefix(codecs.BOM_UTF8) if self.encoding == "utf-8" else start

    def _decode(self, chunk: bytes, *, final: bool) -> str:
        assert self._decoder is not None  # noqa: S101 - `_begin` has run
        try:
            text = self._decoder.decode(chunk, final)
        except UnicodeDecodeError as error:
            text = self._as_windows(error)
        if "\0" in text:
            raise FileRefusedError("zero-bytes", _ZEROS, SAVE_AS_UTF8)
        if self._plain and not text.isascii():
            self._plain = False
        return text

    def _as_windows(self, error: UnicodeDecodeError) -> str:
        """The same bytes as Windows-1252, if nothing before them has spoken for UTF-8."""
        data = error.object
        said = f"The byte 0x{data[error.start]:02X}"
        if self.encoding != "utf-8" or not self._plain or not data[: error.start].isascii():
            text = f"{said} is no {self.encoding.upper()} text, as the rest of the file is."
            raise FileRefusedError("mixed-encodings", text, SAVE_AS_UTF8)
        try:
            text = data.decode("cp1252")
        except UnicodeDecodeError as other:
            text = f"The byte 0x{data[other.start]:02X} is neither UTF-8 nor Windows-1252 text."
            raise FileRefusedError("unknown-encoding", text, SAVE_AS_UTF8) from None
        self.encoding = "windows-1252"
        self._decoder = codecs.getincrementaldecoder("cp1252")()
        self.odd_place = _word(text, error.start)
        return text

    def _split(self, text: str) -> list[str]:
        text = self._tail + text
        # A CR at the end of a chunk may be half of a line end: it waits for the next one.
        lines = io.StringIO(text, newline="").readlines()
        self._tail = lines.pop() if lines and not lines[-1].endswith("\n") else ""
        if len(self._tail) > _LONGEST_LINE or (lines and max(map(len, lines)) > _LONGEST_LINE):
            long = (
                f"A line of the file has more than {_LONGEST_LINE:,} characters: it is no list with a row per person."
            )
            raise FileRefusedError("line-too-long", long, SAVE_AS_UTF8)
        return lines


def _guess(start: bytes) -> str:
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" not in start:
        return "utf-8"
    half = max(len(start) // 2, 1)
    for encoding, zeros in (("utf-16-le", start[1::2]), ("utf-16-be", start[0::2])):
        if zeros.count(0) > half * 0.7 and start.count(0) - zeros.count(0) < half * 0.1:
            return encoding
    raise FileRefusedError("zero-bytes", _ZEROS, SAVE_AS_UTF8)


def _word(text: str, at: int) -> str:
    """The word around a place: what a person can check."""
    before = text[max(at - 30, 0) : at]
    after = text[at : at + 30]
    start = max((before.rfind(mark) for mark in ',;"\t\r\n '), default=-1) + 1
    ends = [place for place in (after.find(mark) for mark in ',;"\t\r\n ') if place >= 0]
    return before[start:] + after[: min(ends, default=len(after))]


def _too_large(most: int) -> FileRefusedError:
    size = f"{most / (1024 * 1024):g} MB"
    return FileRefusedError(
        "too-large", f"The file is larger than {size}.", "Split it, and repeat the header in each part."
    )
