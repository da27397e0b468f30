"""Make a real mixture to check, of what every installation has: human prose, and what a model wrote after reading some.

The humans are the authors of the Python language reference. A trigram model reads a third of it and writes; the
corpus is another third with some of what it wrote, unlabelled; references are the last third, and other texts of the
model. So the true share is known, and what `outcross check` says can be held against it.

Run: ``python examples/mixture.py [FOLDER]``, then the command that it prints.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import outcross as oc

FOLDER = Path("mixture")


def write(path: Path, texts: list[str]) -> Path:
    """Write texts as JSON lines."""
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    return path


def main(folder: Path = FOLDER) -> float:
    """Write the mixture and its references, and return the share that is synthetic in truth."""
    folder.mkdir(parents=True, exist_ok=True)
    reference = oc.read("builtin:python-reference", as_=oc.Texts)
    paragraphs = [text for text in reference.strings if long_enough(text)]
    read, mixed, kept = (
        [text for place, text in enumerate(paragraphs) if place // 20 % 3 == third] for third in range(3)
    )
    model = oc.build("model", "ngram(order=3)").fit(oc.Texts.of(read), oc.Seed(0))
    written = [text for text in model.sample(len(mixed), oc.Seed(1)).strings() if long_enough(text)]
    half = len(written) // 2
    corpus = write(folder / "corpus.jsonl", mixed + written[:half])
    human = write(folder / "human.jsonl", kept)
    synthetic = write(folder / "synthetic.jsonl", written[half:])
    truth = half / (len(mixed) + half)
    print(f"{half} of {len(mixed) + half} paragraphs were written by a model: {truth:.0%}. What does the check say?")
    print(f"outcross check {corpus} --human {human} --synthetic {synthetic}")
    return truth


def long_enough(text: str) -> bool:
    """Whether there is enough to tell anything from."""
    return len(text.split()) >= 12


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
