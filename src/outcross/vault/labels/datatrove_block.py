"""A block for `datatrove` pipelines that stamps documents, and registers them before it hands them on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import count, islice
from typing import TYPE_CHECKING, Any, final

from outcross.core.errors import MissingLibrary
from outcross.vault.labels.register import Register
from outcross.vault.labels.stamp import AT_ONCE, Stamp

TEXT, ID = "text", "id"
"""What a document of datatrove has beside its metadata."""


@cache
def block() -> type[Any]:
    """Return the class of the block: `datatrove` is imported when it is asked for, and not before.

    Its parameters are those of `outcross.label`, but ``text``, ``time`` and ``at_once``. What it says of a document is
    in the metadata; the text and the id of the document stay as they are. All workers of a pipeline may add to the
    same register.

    Raises
    ------
    MissingLibrary
        If there is no `datatrove`.

    Examples
    --------
    >>> from outcross.vault.labels.datatrove_block import LabelBlock  # doctest: +SKIP
    >>> pipeline = [JsonlReader("generated"), LabelBlock(generator="my-model", register="outputs.jsonl"),
    ...             JsonlWriter("labelled")]  # doctest: +SKIP
    """
    try:
        from datatrove.pipeline.base import PipelineStep
    except ImportError as error:
        raise MissingLibrary(f"LabelBlock needs datatrove ({error}): pip install 'outcross[datatrove]'") from error

    @final
    class LabelBlock(PipelineStep):  # type: ignore[misc]
        """Stamp the documents of a pipeline as a model's own, and register them."""

        name = "outcross label"
        type = "LABEL"

        def __init__(self, *, generator: str, register: str | None = None, **said: Any) -> None:
            super().__init__()
            self.stamp = Stamp(generator=generator, register=None if register is None else Register(register), **said)

        def run(self, data: Iterable[Any] | None, rank: int = 0, world_size: int = 1) -> Iterator[Any]:
            """Stamp the documents of this worker, many at a time: the disk is waited for once for all of them."""
            waiting, numbers = iter(data or ()), count(1)
            while held := list(islice(waiting, AT_ONCE)):
                with self.track_time(unit="batch"):
                    records = [{**document.metadata, ID: document.id, TEXT: document.text} for document in held]
                    stamped = self.stamp.on(records, list(islice(numbers, len(held))))
                for document, record in zip(held, stamped, strict=True):
                    document.metadata = {name: value for name, value in record.items() if name not in (ID, TEXT)}
                    self.stat_update("labelled")
                    yield document

    LabelBlock.__qualname__ = LabelBlock.__name__  # workers find it by the name of this file and its own
    return LabelBlock


if TYPE_CHECKING:
    LabelBlock: Any
else:

    def __getattr__(name: str) -> Any:
        """`LabelBlock` is a class of `datatrove`, which is not imported before it is asked for."""
        if name != "LabelBlock":
            raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
        return block()
