"""Speech with the real engine: it is rendered once, sounds plausible, and reads numbers rightly."""

from __future__ import annotations

import hashlib
import subprocess
import wave
from pathlib import Path

import numpy as np
import pytest

from alerts.speech import render, spoken
from alerts.speech.render import pinyin
from alerts.speech.tones import DRILL_HZ, REAL_HZ
from core.errors import InputError

TEXT = "泗洲头镇溪东村请注意，水位 3.42 m，超保证 0.31 m，请于 14:05 前转移到塔山小学。"


def samples(path: Path) -> tuple[int, np.ndarray]:
    with wave.open(str(path), "rb") as sound:
        assert (sound.getnchannels(), sound.getsampwidth()) == (1, 2)
        return sound.getframerate(), np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2")


def strongest_hz(part: np.ndarray, rate: int) -> float:
    spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part))))
    return float(np.argmax(spectrum) * rate / len(part))


def test_the_file_is_named_by_its_hash_and_plays_as_long_as_said(tmp_path: Path) -> None:
    speech = render(TEXT, False, folder=tmp_path, repeats=1)
    assert speech.path == tmp_path / f"{speech.sha256}.wav"
    assert hashlib.sha256(speech.path.read_bytes()).hexdigest() == speech.sha256
    rate, sound = samples(speech.path)
    assert len(sound) / rate == pytest.approx(speech.seconds, abs=0.01)
    assert rate == 22_050
    syllables = sum("一" <= one <= "鿿" for one in spoken(TEXT))
    assert 0.2 < (speech.seconds - 4.4) / syllables < 0.6  # seconds a syllable, without tone and pauses


def test_the_same_text_is_rendered_once(tmp_path: Path) -> None:
    first = render(TEXT, False, folder=tmp_path)
    stamp = first.path.stat().st_mtime_ns
    assert render(TEXT, False, folder=tmp_path) == first
    assert first.path.stat().st_mtime_ns == stamp


def test_a_lost_file_is_rendered_again(tmp_path: Path) -> None:
    first = render(TEXT, False, folder=tmp_path)
    first.path.unlink()
    again = render(TEXT, False, folder=tmp_path)
    assert again == first
    assert again.path.is_file()


def test_it_is_said_as_often_as_asked(tmp_path: Path) -> None:
    once, thrice = (render(TEXT, False, folder=tmp_path, repeats=times).seconds for times in (1, 3))
    assert thrice - once == pytest.approx(2 * (once - 3.4), abs=0.1)  # tone 2.4 s and the first pause 1 s


def test_a_drill_has_another_tone_and_is_longer(tmp_path: Path) -> None:
    real, drill = (render(TEXT, is_drill, folder=tmp_path, repeats=1) for is_drill in (False, True))
    rate, real_sound = samples(real.path)
    _, drill_sound = samples(drill.path)
    part = slice(int(0.05 * rate), int(0.2 * rate))
    assert strongest_hz(real_sound[part], rate) == pytest.approx(REAL_HZ[0], abs=10)
    assert strongest_hz(drill_sound[part], rate) == pytest.approx(DRILL_HZ[0], abs=10)
    assert np.abs(drill_sound[int(0.3 * rate) : int(0.45 * rate)]).max() == 0  # the beeps have gaps
    assert drill.seconds > real.seconds + 1  # 演练 is said first and last


def test_a_horn_gets_8_khz_of_the_same_length(tmp_path: Path) -> None:
    wide = render(TEXT, False, folder=tmp_path, repeats=1)
    horn = render(TEXT, False, folder=tmp_path, repeats=1, rate=8000)
    rate, sound = samples(horn.path)
    assert rate == 8000
    assert horn.seconds == pytest.approx(wide.seconds, abs=0.01)
    assert strongest_hz(sound[400:1600], rate) == pytest.approx(REAL_HZ[0], abs=10)
    assert np.abs(sound[rate * 4 :]).max() > 1000  # words, not silence


def phonemes(words: str) -> str:
    return subprocess.run(
        ["espeak-ng", "-v", "cmn-latn-pinyin", "-x", "-q", "--", pinyin(words)],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("3.42 m", "三点四二米"), ("10052", "一万零五十二"), ("108.52", "一百零八点五二"), ("14:05", "十四点零五分"),
        ("Ⅱ级", "二级"), ("95%", "百分之九十五"), ("1250 m³/s", "一千二百五十立方米每秒"),
    ],
)  # fmt: skip
def test_the_engine_says_a_written_number_as_its_words(written: str, said: str) -> None:
    assert phonemes(spoken(written)) == phonemes(said)


def test_the_engine_reads_no_word_in_english() -> None:
    heard = phonemes(spoken(TEXT + "请拨打 119，G15 高速，Ⅱ级响应，重庆银行行长"))
    assert "(en)" not in heard
    syllables = sum(
        "一" <= one <= "鿿" for one in spoken(TEXT + "请拨打 119，G15 高速，Ⅱ级响应，重庆银行行长")
    )
    assert sum(one.isdigit() for one in heard) >= syllables  # each syllable carries its tone


@pytest.mark.parametrize(
    ("words", "syllables"),
    [("重庆", "chong2 qing4"), ("银行行长", "yin2 hang2 hang2 zhang3"), ("水位上涨", "shui3 wei4 shang4 zhang3"),
     ("超汛限", "chao1 xun4 xian4")],
)  # fmt: skip
def test_words_with_two_readings(words: str, syllables: str) -> None:
    assert pinyin(words) == syllables


@pytest.mark.parametrize("text", ["", "   ", "()()", "※※"])
def test_nothing_to_say_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError) as refused:
        render(text, False, folder=tmp_path)
    assert refused.value.reason == "nothing_to_say"


def test_a_text_that_looks_like_an_option_is_spoken(tmp_path: Path) -> None:
    assert render("--version", False, folder=tmp_path, repeats=1).seconds > 3


def test_an_endless_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        render("水" * 601, False, folder=tmp_path)
    assert refused.value.reason == "text_too_long"
