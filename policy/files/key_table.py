"""The first value of each key, for as many keys as a large file has rows: fast while they are few, small beyond."""

from array import array

_MOST_IN_DICT = 1 << 17


class KeyTable:
    """Keys are 64-bit hashes of what is compared: two different things are practically never taken for one.

    Up to 131,072 keys a dict holds them, at 130 bytes a key; then two flat arrays, at 24 to 48 bytes.
    """

    __slots__ = ("_few", "_keys", "_left", "_mask", "_most_few", "_values")

    def __init__(self, most_in_dict: int = _MOST_IN_DICT) -> None:
        self._few: dict[int, int] | None = {}
        self._most_few = most_in_dict
        self._grow(0)

    def first(self, key: int, value: int) -> int:
        """The value that was stored with the key, else 0; then `value` is stored (above 0, below 2**63)."""
        few = self._few
        if few is not None:
            known = few.setdefault(key, value)
            if known != value:
                return known
            if len(few) > self._most_few:
                self._spread(few)
            return 0
        key = key or 1
        keys, mask = self._keys, self._mask
        slot = key & mask
        while (there := keys[slot]) != 0:
            if there == key:
                return self._values[slot]
            slot = (slot + 1) & mask
        keys[slot] = key
        self._values[slot] = value
        self._left -= 1
        if not self._left:
            self._enlarge()
        return 0

    def find(self, key: int) -> int:
        """The value that was stored with the key, else 0."""
        if self._few is not None:
            return self._few.get(key, 0)
        key = key or 1
        slot = key & self._mask
        while (there := self._keys[slot]) != 0:
            if there == key:
                return self._values[slot]
            slot = (slot + 1) & self._mask
        return 0

    def _grow(self, size: int) -> None:
        self._keys = array("q", bytes(8 * size))
        self._values = array("q", bytes(8 * size))
        self._mask = size - 1
        self._left = size * 2 // 3

    def _spread(self, few: dict[int, int]) -> None:
        """From the dict into arrays of three times as many slots."""
        self._few = None
        self._grow(1 << (3 * len(few)).bit_length())
        for key, value in few.items():
            self.first(key, value)

    def _enlarge(self) -> None:
        keys, values = self._keys, self._values
        self._grow(len(keys) * 2)
        for key, value in zip(keys, values, strict=True):
            if key:
                self.first(key, value)
