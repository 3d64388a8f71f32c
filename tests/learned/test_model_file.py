"""A model is used only as it was trained: with its card, unchanged, in the format that this version knows."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from qa_service.errors import LexiconInvalid
from qa_service.lexicon import load_rulebook
from qa_service.lexicon.learned import CARD, read_learned
from qa_service.lexicon.load import SHIPPED
from qa_service.lexicon.lock import changes_against
from training import files
from training.train import Trained


@pytest.fixture
def folder(tmp_path: Path, trained: Trained) -> Path:
    files.write(tmp_path, trained.card, trained.content)
    return tmp_path


def _replace(path: Path, one: str, other: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert one in text
    path.write_text(text.replace(one, other, 1), encoding="utf-8")


def _another_byte(folder: Path, _: Trained) -> None:
    file = folder / "learned" / files.MODEL
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def _another_model(folder: Path, trained: Trained) -> None:
    """A file that is no such arrays, with a card that says it is the right one."""
    buffer = io.BytesIO()
    np.savez(buffer, nothing=np.zeros(3))
    (folder / "learned" / files.MODEL).write_bytes(buffer.getvalue())
    _replace(folder / CARD, trained.card.sha256, files.sha256(buffer.getvalue()))


def _with_bytes(content: bytes) -> Callable[[Path, Trained], None]:
    """A model file of these bytes, with a card that says it is the right one."""

    def fault(folder: Path, trained: Trained) -> None:
        (folder / "learned" / files.MODEL).write_bytes(content)
        _replace(folder / CARD, trained.card.sha256, files.sha256(content))

    return fault


def _with_array(name: str, change: Callable[[np.ndarray], np.ndarray]) -> Callable[[Path, Trained], None]:
    """One array of the model changed, with a card that says it is the right one."""

    def fault(folder: Path, trained: Trained) -> None:
        with np.load(io.BytesIO(trained.content)) as arrays:
            changed = {key: change(array) if key == name else array for key, array in arrays.items()}
        buffer = io.BytesIO()
        np.savez(buffer, **changed)
        _with_bytes(buffer.getvalue())(folder, trained)

    return fault


def _one_bare_array() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3))
    return buffer.getvalue()


def _pickled(folder: Path, trained: Trained) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=True, **{"agent.categories": np.array([{"runs": "code"}], dtype=object)})
    (folder / "learned" / files.MODEL).write_bytes(buffer.getvalue())
    _replace(folder / CARD, trained.card.sha256, files.sha256(buffer.getvalue()))


FAULTS = [
    pytest.param(_with_bytes(b""), "不完整", id="empty"),
    pytest.param(_with_bytes(_one_bare_array()), "不完整", id="one-array-alone"),
    pytest.param(_with_array("agent.bias", lambda array: array[:1]), "不完整", id="too-short"),
    pytest.param(_with_array("agent.context", lambda array: array.reshape(-1)), "不完整", id="of-another-shape"),
    pytest.param(_with_array("customer.characters.weights", lambda array: array[:, :1]), "不完整", id="a-column"),
    pytest.param(_with_array("agent.characters.rarity", lambda array: array * np.nan), "不完整", id="no-numbers"),
    pytest.param(_another_byte, "指纹不符", id="tampered"),
    pytest.param(lambda folder, _: (folder / "learned" / files.MODEL).unlink(), "读不了学习模型", id="model-missing"),
    pytest.param(lambda folder, _: (folder / CARD).unlink(), "card.toml", id="card-missing"),
    pytest.param(lambda folder, _: _replace(folder / CARD, "format = 1", "format = 9"), "只认 1", id="other-format"),
    pytest.param(lambda folder, _: (folder / CARD).write_text("format = 1"), "card.toml", id="card-cut-short"),
    pytest.param(_another_model, "不完整", id="other-arrays"),
    pytest.param(_pickled, "不完整", id="pickled"),
    pytest.param(
        lambda folder, _: _replace(folder / CARD, 'category = "threat"', 'category = "promise"'),
        "还款承诺",
        id="unknown",
    ),
]


@pytest.mark.parametrize(("spoil", "named"), FAULTS)
def test_a_model_that_is_not_as_trained_is_refused(
    folder: Path, trained: Trained, spoil: Callable[[Path, Trained], object], named: str
) -> None:
    spoil(folder, trained)
    with pytest.raises(LexiconInvalid, match=named):
        read_learned(folder)


def test_what_is_written_is_read(folder: Path, trained: Trained) -> None:
    model = read_learned(folder)
    on = {(line.speaker, line.category): line.threshold for line in trained.card.category if line.on}
    assert model.thresholds == on
    assert on


def test_the_shipped_model_is_the_locked_one() -> None:
    assert not [str(change) for change in changes_against(load_rulebook()) if "学习模型" in str(change)]
    assert read_learned(SHIPPED).thresholds


def test_taking_the_shipped_model_away_is_no_way_to_switch_it_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = shutil.copytree(SHIPPED, tmp_path / "lexicons", ignore=shutil.ignore_patterns("learned"))
    monkeypatch.setattr("qa_service.lexicon.load.SHIPPED", ours)
    with pytest.raises(LexiconInvalid, match=r"card\.toml"):
        load_rulebook(shipped=ours)
    assert load_rulebook(shipped=ours, learned=False).learned is None


def test_a_house_may_train_its_own(folder: Path) -> None:
    own, shipped = load_rulebook(folder), load_rulebook()
    assert own.fingerprint != shipped.fingerprint
    assert own.learned is not None
    assert shipped.learned is not None
    assert own.learned.fingerprint != shipped.learned.fingerprint


def test_switched_off_there_is_none_and_the_fingerprint_tells() -> None:
    off = load_rulebook(learned=False)
    assert off.learned is None
    assert off.fingerprint != load_rulebook().fingerprint


def test_a_profile_may_switch_it_off(tmp_path: Path) -> None:
    profile = tmp_path / "profiles" / "house.toml"
    profile.parent.mkdir()
    shutil.copy(SHIPPED / "profiles" / "cn_default.toml", profile)
    _replace(profile, "\n[limit", "\nlearned = false\n\n[limit")
    assert load_rulebook(tmp_path, profile="house").learned is None
