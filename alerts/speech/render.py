"""Synthesis: words → pinyin → espeak-ng → WAV with an attention tone, repeated and cached."""

from __future__ import annotations

import hashlib
import json
import subprocess
import tempfile
import wave
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from pypinyin import Style, lazy_pinyin

from alerts.speech import tones
from alerts.speech.normalise import spoken
from core.errors import InputError, UnavailableError
from core.settings import Settings

ENGINE_RATE = 22_050
"""Hz; what espeak-ng writes, mono 16 bit."""
WORDS_PER_MINUTE = 140
"""Slower than espeak-ng's usual 175: it is heard by old people in wind and rain (field.md §2.15)."""
PAUSE_S = 1.0
LONGEST_TEXT = 600
_TIMEOUT_S = 20
_FORM = 1
"""Rises when the same words would sound different, so that cached files of before are not used."""
_PUNCTUATION = str.maketrans("，。！？、；", ",.!?,;")


@dataclass(frozen=True, slots=True)
class Speech:
    """A rendered text: its file, the SHA-256 of the file's bytes, and how long it plays."""

    path: Path
    sha256: str
    seconds: float


def audio_folder(settings: Settings) -> Path:
    """Where rendered speech lies: `dispatch.audio_dir` below the state folder."""
    return settings.home / settings.dispatch.audio_dir


def render(text: str, drill: bool, *, folder: Path, repeats: int = 3, rate: int = ENGINE_RATE) -> Speech:
    """Speaks a text into `folder`/{sha256}.wav; the same text and parameters are rendered once.

    Tone, then the words `repeats` times. A drill says 演练 first and last of each time, after another
    tone. `rate` is 22050 or 8000 Hz (horns). Raises InputError (`nothing_to_say`, `text_too_long`),
    UnavailableError if espeak-ng is not installed or fails.
    """
    if rate not in (ENGINE_RATE, 8000):
        raise ValueError("speech is rendered at 22050 or 8000 Hz")
    if len(text) > LONGEST_TEXT:
        raise InputError(
            "text_too_long", f"at most {LONGEST_TEXT} characters are spoken; this has {len(text)}"
        )
    words = spoken(text)
    if not words:
        raise InputError("nothing_to_say", "there is nothing in this text that can be spoken")
    if drill:
        words = f"演练，演练。{words}。演练，演练。"
    form = json.dumps([_FORM, words, drill, repeats, rate, WORDS_PER_MINUTE], ensure_ascii=False)
    note = folder / f"{hashlib.sha256(form.encode()).hexdigest()}.json"
    cached = _cached(folder, note)
    if cached is not None:
        return cached
    folder.mkdir(parents=True, exist_ok=True)
    tone, once = tones.attention(ENGINE_RATE, drill=drill), _synthesise(words)
    pause = np.zeros(int(PAUSE_S * ENGINE_RATE), dtype=np.int16)
    samples = np.concatenate([tone, pause, *([once, pause] * repeats)])
    return _keep(tones.resampled(samples, ENGINE_RATE, rate), rate, folder, note)


def pinyin(words: str) -> str:
    """The words in numbered pinyin, as the engine takes them: 重庆 → chong2 qing4."""
    syllables = lazy_pinyin(words, style=Style.TONE3, neutral_tone_with_five=True)
    return " ".join(syllables).translate(_PUNCTUATION)


def _synthesise(words: str) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    with tempfile.TemporaryDirectory(prefix="anlan-speech-") as scratch:
        out = Path(scratch) / "speech.wav"
        command = ["espeak-ng", "-v", "cmn-latn-pinyin", "-s", str(WORDS_PER_MINUTE), "-w", str(out), "--"]
        try:
            subprocess.run([*command, pinyin(words)], check=True, capture_output=True, timeout=_TIMEOUT_S)
        except FileNotFoundError as error:
            raise UnavailableError("espeak-ng is not installed. Type: apt-get install espeak-ng") from error
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            raise UnavailableError(f"espeak-ng could not speak the text: {error}") from error
        with wave.open(str(out), "rb") as sound:
            if (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) != (ENGINE_RATE, 1, 2):
                raise UnavailableError("espeak-ng wrote another form of sound than 22050 Hz mono 16 bit")
            return np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2")


def _keep(samples: np.ndarray[tuple[int], np.dtype[np.int16]], rate: int, folder: Path, note: Path) -> Speech:
    """Writes the file under its own hash; both files appear whole or not at all."""
    with (
        tempfile.NamedTemporaryFile(dir=folder, suffix=".part", delete=False) as part,
        wave.open(part, "wb") as sound,
    ):
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(samples.astype("<i2").tobytes())
    written = Path(part.name)
    written.chmod(0o644)
    sha256 = hashlib.sha256(written.read_bytes()).hexdigest()
    path = folder / f"{sha256}.wav"
    written.replace(path)
    speech = Speech(path, sha256, round(len(samples) / rate, 3))
    fresh = note.with_suffix(f".{sha256[:8]}.part")
    fresh.write_text(json.dumps({**asdict(speech), "path": path.name}), encoding="utf-8")
    fresh.replace(note)
    return speech


def _cached(folder: Path, note: Path) -> Speech | None:
    try:
        kept = json.loads(note.read_text(encoding="utf-8"))
        path = folder / kept["path"]
        return Speech(path, kept["sha256"], kept["seconds"]) if path.is_file() else None
    except (OSError, ValueError, KeyError):
        return None
