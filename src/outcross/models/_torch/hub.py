"""Any causal language model of `transformers`: by its name on the hub, from a folder, or from a GGUF file."""

from __future__ import annotations

import hashlib
import io
import math
import socket
import tempfile
import unicodedata
import urllib.parse
import urllib.request
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, final

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError

from outcross.core.errors import (
    BadInput,
    MissingInput,
    MissingLibrary,
    OutcrossError,
    OutputRefused,
    memory_guard,
    nearest,
)
from outcross.core.seed import Seed
from outcross.models._torch.tokens import END, beginning, utf8

T = TypeVar("T")


def network(name: str) -> Any:
    """Return a pretrained causal language model with its weights in float32, on the CPU, in evaluation mode.

    Parameters
    ----------
    name
        A name on the hub (``facebook/opt-125m``), a folder, or a file that ends in ``.gguf``. A GGUF file is unpacked
        once, into ``outcross`` in the folder of the hub's library (``HF_HOME``), and read from there afterwards.

    Raises
    ------
    MissingInput
        If there is no such model.
    BadInput
        If what is there cannot be read as a causal language model.
    MissingLibrary
        If reading it needs a library that is not installed.
    """
    from transformers import AutoModelForCausalLM

    place = _place(name)

    def read(**how: bool) -> Any:
        return AutoModelForCausalLM.from_pretrained(place, dtype=torch.float32, adapter_kwargs=dict(how), **how)

    with memory_guard("take a smaller model"):
        found = _fetch(place, read)
    return found.eval()


def tokens(name: str) -> HubTokens:
    """Return the tokeniser of a pretrained model; parameters and errors are those of `network`."""
    from transformers import AutoTokenizer

    place = _place(name)
    return HubTokens(_fetch(place, lambda **how: AutoTokenizer.from_pretrained(place, **how)), Path(name).name)


def save(network: Any, folder: Path) -> None:
    """Write ``config.json`` and ``model.safetensors``, one file however large."""
    with _quiet():
        network.save_pretrained(folder, max_shard_size="1000TB")


def adapted(network: Any, rank: int, seed: Seed) -> Any:
    """Return the network with low-rank adapters on all its products but the head's; only they are trained.

    As `peft` makes them: alpha is twice the rank, no dropout; one factor starts at 0 and the other, uniform, comes from
    the seed (Hu et al., LoRA, ICLR 2022).

    Raises
    ------
    MissingLibrary
        If `peft` is not installed.
    """
    try:
        from peft import LoraConfig, get_peft_model
    except ImportError:
        raise MissingLibrary("rank needs the library 'peft'; pip install 'outcross[lm]' brings it") from None
    settings = LoraConfig(r=rank, lora_alpha=2 * rank, target_modules="all-linear", task_type="CAUSAL_LM")
    with _quiet(), torch.random.fork_rng(devices=[]):
        wrapped = get_peft_model(network, settings)
    rng = seed.child("adapters").generator()
    with torch.no_grad():
        for name, factor in sorted(wrapped.named_parameters()):
            if "lora_A" in name:
                bound = 1 / math.sqrt(factor.shape[1])
                factor.copy_(torch.from_numpy(rng.uniform(-bound, bound, tuple(factor.shape)).astype(np.float32)))
    return wrapped


def merged(network: Any) -> Any:
    """Return the network that `adapted` was given, with what was learned added to its weights."""
    with torch.no_grad():
        return network.merge_and_unload()


@final
@dataclass(frozen=True, eq=False)
class HubTokens:
    """The tokeniser of a pretrained model; see `outcross.models._torch.tokens.Tokens`.

    Texts begin and end with ``<|endoftext|>`` where the vocabulary has it: chat models have other tokens for the turns
    of a talk, but this is what lay between the texts that they were first trained on. Else with the tokens that the
    tokeniser names for it.

    Parameters
    ----------
    tokenizer
        That of `transformers`.
    name
        What it is, in a few words.
    """

    tokenizer: Any
    name: str

    @property
    def size(self) -> int:
        """Number of tokens of its vocabulary."""
        return len(self.tokenizer)

    @property
    def begin(self) -> int:
        """The token before a text."""
        return self._special(self.tokenizer.bos_token_id, self.tokenizer.eos_token_id)

    @property
    def end(self) -> int:
        """The token after a text."""
        return self._special(self.tokenizer.eos_token_id, self.tokenizer.bos_token_id)

    def table(self) -> dict[str, int]:
        """Return every token with its number."""
        return dict(self.tokenizer.get_vocab())

    def encode(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        """Return the token numbers of each text, without begin and end."""
        if not texts:
            return []
        with _quiet():
            found = self.tokenizer(utf8(texts), add_special_tokens=False, split_special_tokens=True)["input_ids"]
        codes = [np.array(one, dtype=np.int32) for one in found]
        if not self._bytewise():
            self._check(texts, codes)
        return codes

    def decode(self, codes: Sequence[NDArray[Any]]) -> list[str]:
        """Return the text of each row of token numbers."""
        keep = {"skip_special_tokens": True, "clean_up_tokenization_spaces": False}
        return [str(self.tokenizer.decode(code.tolist(), **keep)) for code in codes]

    def save(self, folder: Path) -> None:
        """Write it to a folder, from which `tokens` reads it."""
        try:
            with _quiet():
                self.tokenizer.save_pretrained(folder)
        except Exception as error:
            if type(error) is not Exception:
                raise
            raise OutputRefused(str(error)) from None  # how its library says that the disk is full

    def _special(self, *named: int | None) -> int:
        usual = self.tokenizer.get_vocab().get(END)
        found = [number for number in (usual, *named) if number is not None]
        if not found:
            raise BadInput(f"the tokeniser of {self.name} has no token that begins or ends a text")
        return int(found[0])

    def _bytewise(self) -> bool:
        """Whether it takes texts byte by byte as they are: then nothing can be lost."""
        inner = getattr(self.tokenizer, "backend_tokenizer", None)
        return inner is not None and inner.normalizer is None and type(inner.decoder).__name__ == "ByteLevel"

    def _check(self, texts: Sequence[str], codes: Sequence[NDArray[Any]]) -> None:
        unknown = self.tokenizer.unk_token_id
        for text, code, back in zip(texts, codes, self.decode(codes), strict=True):
            if _letters(text) != _letters(back):
                lost = "it has no tokens for some characters" if unknown in code else f"it reads {beginning(back)}"
                which = f"the text beginning {beginning(text)}"
                raise BadInput(f"the tokeniser of {self.name} cannot encode {which}: {lost}")


def _letters(text: str) -> str:
    """A text without its white space, and with one way of writing for characters that have several."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def _place(name: str) -> str:
    """The folder, or the name on the hub, that a model is read from."""
    path = Path(name).expanduser()
    if name.lower().endswith(".gguf"):
        if not path.is_file():
            raise MissingInput(f"no file '{name}'{_nearest_beside(path)}")
        return str(_unpacked(path.resolve()))
    if path.is_dir():
        if not (path / "config.json").is_file():
            raise MissingInput(f"no model in the folder '{name}': config.json is not there")
        return str(path)
    if path.exists():
        raise BadInput(f"'{name}' is neither a folder nor a .gguf file")
    if name.startswith((".", "/", "~")) or "\\" in name or name.count("/") > 1:
        raise MissingInput(f"no folder '{name}'{_nearest_beside(path)}")
    return name


def _nearest_beside(path: Path) -> str:
    try:
        return nearest(path.name, [other.name for other in path.parent.iterdir() if not other.name.startswith(".")])
    except OSError:
        return f"; there is no folder '{path.parent}' either"


def _nearest_kept(name: str) -> str:
    """The nearest of the models that earlier downloads left on this machine."""
    from huggingface_hub import scan_cache_dir
    from huggingface_hub.errors import CacheNotFound

    try:
        return nearest(name, [repo.repo_id for repo in scan_cache_dir().repos if repo.repo_type == "model"])
    except (CacheNotFound, OSError):
        return ""


def _unpacked(path: Path) -> Path:
    """A folder with the weights of a GGUF file in float32, and its tokeniser: kept beside what the hub's library keeps.

    `transformers` takes half a minute to read such a file, so this is done once for all processes. Its
    ``save_pretrained`` refuses the model: it still counts as quantised, which its weights no longer are. So they are
    copied into a fresh one.
    """
    from huggingface_hub import constants

    about = path.stat()
    digest = hashlib.blake2b(f"{path} {about.st_size} {about.st_mtime_ns}".encode(), digest_size=8).hexdigest()
    kept = Path(constants.HF_HOME) / "outcross" / f"{path.stem}-{digest}"
    if kept.is_dir():
        return kept
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent, prefix="unfinished-") as name:
            whole = Path(name) / "whole"
            whole.mkdir()
            _unpack(path, whole)
            with suppress(OSError):  # another process was faster
                whole.rename(kept)
    except OSError as error:
        if isinstance(error, OutcrossError) and not isinstance(error, OutputRefused):
            raise
        raise OutputRefused(
            f"'{path}' cannot be unpacked into '{kept.parent}' (HF_HOME): {_first_line(error)}"
        ) from None
    return kept


def _unpack(path: Path, folder: Path) -> None:
    """Write what is in a GGUF file as a model's folder."""
    try:
        import gguf  # noqa: F401
    except ImportError:
        raise MissingLibrary("GGUF files need the library 'gguf'; pip install 'outcross[lm]' brings it") from None
    from transformers import AutoModelForCausalLM, AutoTokenizer

    where = {"pretrained_model_name_or_path": str(path.parent), "gguf_file": path.name}
    with redirect_stderr(io.StringIO()):  # its bar for this cannot be told to be quiet
        given = _read(str(path), lambda: AutoModelForCausalLM.from_pretrained(**where, dtype=torch.float32))
    config = given.config
    vars(config).pop("quantization_config", None)
    with _quiet(), torch.random.fork_rng(devices=[]):
        fresh = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    fresh.load_state_dict(given.state_dict())
    fresh.generation_config = given.generation_config
    try:
        save(fresh, folder)
    except SafetensorError as error:  # how its library says that the disk is full
        raise OutputRefused(str(error)) from None
    HubTokens(_read(str(path), lambda: AutoTokenizer.from_pretrained(**where)), path.name).save(folder)


def _fetch(name: str, read: Callable[..., T]) -> T:
    """What is read from a folder, or from what earlier downloads left here, or else from the hub."""
    try:
        return _read(name, lambda: read(local_files_only=True))
    except MissingInput:
        if not _reachable():
            raise
    return _read(name, read)


def _reachable() -> bool:
    """Whether the hub can be asked: without a network the library would try again and again for a minute."""
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        return False
    if urllib.request.getproxies():
        return True
    address = urllib.parse.urlsplit(constants.ENDPOINT)
    try:
        socket.getaddrinfo(address.hostname, address.port or 443)
    except OSError:
        return False
    return True


def _read(name: str, read: Callable[[], T]) -> T:
    """What is read, or the reason why not in one line."""
    try:
        with _quiet():
            return read()
    except (OutcrossError, MemoryError):
        raise
    except ImportError as error:
        said = f"'{name}' needs a library that is not here ({_first_line(error)})"
        raise MissingLibrary(f"{said}; try pip install 'outcross[lm]'") from None
    except OSError as error:
        if Path(name).expanduser().exists():
            raise BadInput(f"'{name}' cannot be read as a causal language model: {_first_line(error)}") from None
        raise MissingInput(
            f"no model '{name}': no such folder here, and the hub has none of that name, or cannot be reached, "
            f"or does not give it to you{_nearest_kept(name)}"
        ) from None
    except Exception as error:  # whatever the library, the network or a model's own code raises
        if "out of memory" in str(error) or "allocate memory" in str(error):
            raise
        raise BadInput(f"'{name}' cannot be read as a causal language model: {_first_line(error)}") from None


def _first_line(error: Exception) -> str:
    return (next(iter(str(error).strip().splitlines()), "") or type(error).__name__)[:200]


@contextmanager
def _quiet() -> Iterator[None]:
    """Have `transformers` say nothing in the block: no bars, no warnings; errors are raised."""
    from huggingface_hub.utils import logging as hub_logging
    from transformers.utils import logging

    level, bars, hub_level = logging.get_verbosity(), logging.is_progress_bar_enabled(), hub_logging.get_verbosity()
    logging.set_verbosity(logging.CRITICAL)
    hub_logging.set_verbosity(logging.CRITICAL)
    logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.set_verbosity(level)
        hub_logging.set_verbosity(hub_level)
        if bars:
            logging.enable_progress_bar()
