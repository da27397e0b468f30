"""The block in a pipeline of datatrove, which runs as its users run it."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from outcross.core.errors import MissingLibrary
from outcross.vault.labels.register import Register

SCRIPT = """
import sys
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter
from outcross.vault.labels.datatrove_block import LabelBlock

if __name__ == "__main__":
    block = LabelBlock(generator="mine", generation=2, register="outputs.jsonl")
    pipeline = [JsonlReader("generated"), block, JsonlWriter("labelled", compression=None)]
    LocalPipelineExecutor(pipeline, tasks=2, workers=2, logging_dir="logs", start_method="spawn").run()
"""


def test_documents_are_stamped_and_registered_by_all_workers(tmp_path: Path) -> None:
    pytest.importorskip("datatrove")
    (tmp_path / "generated").mkdir()
    texts = {f"It is important to note that cat number {number} sleeps a lot, day and night." for number in range(60)}
    for number, share in enumerate((sorted(texts)[:20], sorted(texts)[20:])):
        lines = [json.dumps({"text": text, "prompt": "Cats?"}) for text in share]
        (tmp_path / "generated" / f"{number}.jsonl").write_text("\n".join(lines) + "\n")
    (tmp_path / "run.py").write_text(SCRIPT)
    done = subprocess.run([sys.executable, "run.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = [
        json.loads(line) for path in (tmp_path / "labelled").glob("*.jsonl") for line in path.read_text().splitlines()
    ]
    assert {document["text"] for document in found} == texts
    said = {(one["metadata"]["origin"], one["metadata"]["generation"], one["metadata"]["prompt"]) for one in found}
    assert said == {("synthetic", 2, "Cats?")}
    assert {document["id"].partition("/")[0] for document in found} == {"0.jsonl", "1.jsonl"}
    register = Register.load(tmp_path / "outputs.jsonl")
    assert None not in register.known(sorted(texts)) and len(register) == 60


def test_a_human_document_stops_the_pipeline(tmp_path: Path) -> None:
    data = pytest.importorskip("datatrove.data")
    from outcross.core.errors import BadInput
    from outcross.vault.labels.datatrove_block import LabelBlock

    step = LabelBlock(generator="mine", register=str(tmp_path / "outputs.jsonl"))
    with pytest.raises(BadInput, match="human"):
        list(step.run(iter([data.Document(text="My own.", id="a", metadata={"origin": "human"})])))
    assert not (tmp_path / "outputs.jsonl").exists()


def test_the_library_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module("outcross.vault.labels.datatrove_block")
    monkeypatch.setitem(sys.modules, "datatrove", None)
    monkeypatch.setitem(sys.modules, "datatrove.pipeline.base", None)
    module.block.cache_clear()
    with pytest.raises(MissingLibrary, match=r"pip install 'outcross\[datatrove\]'"):
        _ = module.LabelBlock
    with pytest.raises(AttributeError, match="no attribute 'Other'"):
        _ = module.Other
