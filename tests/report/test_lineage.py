"""The lineage as a picture: well-formed, every generation named, and numbers that are those of the vault."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

import outcross as oc
from outcross.core.provenance import Origin, Provenance
from outcross.core.text import Texts
from outcross.report.lineage import bands, lineage_page, lineage_svg, picture
from outcross.vault.keys import Key
from outcross.vault.lineage import Group, Lineage, Link, Writer, lineage
from outcross.vault.vault import Vault
from tests.report.html import Page

SVG = "{http://www.w3.org/2000/svg}"
TEXTS = [f"the {one} sat on the {two}" for one in ("cat", "dog", "owl") for two in ("mat", "hill", "roof", "sea")]


@pytest.fixture(scope="module", name="vault")
def _vault(tmp_path_factory: pytest.TempPathFactory) -> Vault:
    folder = tmp_path_factory.mktemp("lineage")
    vault = Vault.create(folder / "vault", key=Key.of_seed(bytes(32)), memory=False)
    vault.add(Texts.of(TEXTS[:8]), Provenance(Origin.HUMAN, source="diary <1>"))
    vault.add(Texts.of(TEXTS[8:]), Provenance(Origin.HUMAN, source="letters & notes"))
    vault.add(Texts.of(["a parrot has written this one"]), Provenance(Origin.SYNTHETIC, 1, generator="parrot"))
    chain = oc.Chain("ngram(order=1)", policy=["accumulate", "replace"], metrics="types", sample_size=10, pool=vault)
    chain.run(3, 2, engine="serial", name="main")
    return vault


def grand(policies: int = 2, generations: int = 10, replicates: int = 3) -> Lineage:
    """A lineage made by hand, of policies that accumulate."""
    groups, models = [Group("human", "human", 0, "diary", records=500)], []
    links = []
    for policy in range(policies):
        for replicate in range(replicates):
            run, before = f"main/policy{policy}/{replicate}", ["human"]
            for generation in range(1, generations + 1):
                name = f"model:{policy}-{replicate}-{generation}"
                told = (run, "main", f"policy{policy}", replicate)
                models.append(Writer(name, "ngram", generation, generation - 1, *told))
                links += [Link(one, name, "trained on", 100) for one in before]
                groups.append(Group(f"g{name}", "synthetic", generation, None, "ngram", run, name, 100))
                links.append(Link(name, f"g{name}", "wrote", 100))
                before.append(f"g{name}")
    return Lineage("grand-0", 62, tuple(groups), tuple(models), tuple(links))


def texts_of(svg: str) -> list[str]:
    return ["".join(one.itertext()) for one in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_a_lineage_is_what_the_vault_holds(vault: Vault) -> None:
    found = lineage(vault)
    outside = {group.label: group.records for group in found.groups if group.model is None}
    assert outside == {
        "human, diary <1>": 8, "human, letters & notes": 4, "synthetic, generation 1, parrot": 1
    }  # fmt: skip
    assert [(one.policy, one.replicate, one.generation) for one in found.models] == [
        (policy, replicate, generation)
        for policy in ("accumulate", "replace") for replicate in (0, 1) for generation in (1, 2, 3)
    ]  # fmt: skip
    groups = {group.id: group for group in found.groups}
    for model in found.models:
        read = [link for link in found.links if link.end == model.id and link.kind == "trained on"]
        depths: dict[int, int] = {}
        for link in read:
            depths[groups[link.start].generation] = depths.get(groups[link.start].generation, 0) + link.records
            assert groups[link.start].run in (None, model.run)
        expected = range(model.generation) if model.policy == "accumulate" else [model.generation - 1]
        assert depths == dict.fromkeys(expected, 10)
        (own,) = [link for link in found.links if link.start == model.id]
        assert own.kind == "wrote" and own.records == 10 and groups[own.end].model == model.id
    assert json.loads(json.dumps(found.to_dict()))["models"][0]["policy"] == "accumulate"
    assert found.commits == len(vault.log.commits) and found.vault == vault.origin


def test_replicates_are_one_band(vault: Vault) -> None:
    accumulate, replace = bands(lineage(vault))
    assert (accumulate.run, accumulate.policy, accumulate.replicates) == ("main", "accumulate", 2)
    last = accumulate.stations[-1]
    assert (last.human, last.written, last.records, last.total) == (10, {1: 10, 2: 10}, 10, 30)
    assert last.share(last.human) == pytest.approx(1 / 3)
    assert replace.stations[-1].written == {2: 10} and replace.stations[-1].human == 0
    assert last.said.startswith("generation 3: trained on 10 human records and 10 of generation 1 and 10 of")


def test_the_svg_is_well_formed_and_names_every_generation(vault: Vault) -> None:
    said = texts_of(lineage_svg(lineage(vault)))
    for policy in ("accumulate", "replace"):
        assert sum(text.startswith(policy) for text in said) == 1
    assert [text for text in said if text.startswith("generation")] == [f"generation {g}" for g in (1, 2, 3)] * 2
    assert "human, diary <1>8" in said and "human, letters & notes4" in said


def test_a_grand_one_fits_its_frame() -> None:
    found = grand()
    drawn = picture(found)
    assert len(drawn.lanes) == 2 and drawn.width < 1072  # what the page has room for
    for lane in drawn.lanes:
        assert [mark.label for mark in lane.marks] == [f"generation {g}" for g in range(1, 11)]
        assert all(0 < mark.x < drawn.width - 60 and lane.top < mark.y < drawn.height for mark in lane.marks)
        assert all(0 < stroke.width <= 9 for stroke in lane.strokes)
        assert len(lane.strokes) == 10 + 45
    tops = [lane.top for lane in drawn.lanes]
    lows = [float(s.path.split("C")[1].split()[1]) for s in drawn.lanes[0].strokes if "C" in s.path]
    assert max(lows) * 0.75 + drawn.lanes[0].marks[0].y * 0.25 < tops[1]  # arcs end above the next band
    assert texts_of(lineage_svg(found)).count("generation 10") == 2
    assert "mean of 3 replicates" in "".join(texts_of(lineage_svg(found)))


def test_the_page_fetches_nothing_and_has_the_numbers(vault: Vault) -> None:
    html = lineage_page(lineage(vault))
    page = Page(html)
    assert not page.all("script") and not page.all("img")
    assert all(link["href"].startswith(("#", "data:")) for link in page.all("a") + page.all("link") if link["href"])
    assert "default-src 'none'" in html and "http://www.w3.org/2000/svg" in html
    assert "10 of generation 1, 10 of generation 2" in page.text and "diary <1>" in page.text
    assert "<script" not in lineage_page(Lineage("<script>x</script>", 1, (), (), ()))
    assert "No model is in the vault" in Page(lineage_page(Lineage("cats", 1, (), (), ()))).text


def test_it_is_saved_as_what_its_name_says(vault: Vault, tmp_path: Path) -> None:
    found = lineage(vault)
    assert ElementTree.fromstring(found.save(tmp_path / "a.svg").read_text(encoding="utf-8")).tag == f"{SVG}svg"
    assert found.save(tmp_path / "b.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert found.save(tmp_path / "folder").name == "index.html"
    with pytest.raises(oc.BadSetting, match=r"\.svg or \.html, not as '\.png'"):
        found.save(tmp_path / "c.png")


def test_what_was_withdrawn_is_told(tmp_path: Path) -> None:
    vault = Vault.create(tmp_path / "vault", key=Key.of_seed(bytes(32)), memory=False)
    vault.add(Texts.of(TEXTS), Provenance(Origin.HUMAN))
    oc.Chain("ngram(order=1)", policy="replace", metrics="types", sample_size=5, pool=vault).run(2, 1, engine="serial")
    second = lineage(vault).models[1]
    vault.withdraw([second.id], "asked for")
    found = lineage(vault)
    assert [model.withdrawn for model in found.models] == [False, True]
    assert [(group.records, group.gone) for group in found.groups if group.model == second.id] == [(0, 5)]
    assert [mark.withdrawn for mark in picture(found).lanes[0].marks] == [False, True]
    assert "of which 5 are withdrawn; 1 model withdrawn" in lineage_svg(found)


def test_small_sources_are_counted_together(tmp_path: Path) -> None:
    vault = Vault.create(tmp_path / "vault", key=Key.of_seed(bytes(32)), memory=False)
    for place in range(14):
        vault.add(Texts.of(TEXTS[: 14 - place]), Provenance(Origin.HUMAN, source=f"page {place}"))
    found = lineage(vault)
    assert [group.source for group in found.groups][-1] == "3 other sources" and len(found.groups) == 12
    assert sum(group.records for group in found.groups) == sum(min(12, 14 - place) for place in range(14))
    assert picture(found).sources[-1].count == "6"
