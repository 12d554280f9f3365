"""How a Chinese character may be read. Searching asks for each reading, so that single characters are enough."""

import os
from functools import lru_cache


@lru_cache(maxsize=8192)
def readings(character: str) -> tuple[str, ...]:
    """The most usual first: ``长`` is zhang, chang. Empty for what is no Chinese character."""
    # Its dictionary of phrases would cost every process 45 MB.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")
    from pypinyin import Style, pinyin  # noqa: PLC0415  loaded by whoever searches

    found = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore")
    return tuple(dict.fromkeys(found[0])) if found else ()
