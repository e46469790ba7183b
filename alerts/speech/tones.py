"""Attention tones before the words, and another sampling rate for horns. Pure."""

from __future__ import annotations

import io
import wave
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_LOUDNESS = 0.6
REAL_HZ = (770.0, 960.0)
DRILL_HZ = (440.0,)
BEEP_HZ = 1175.0


def attention(rate: int, *, drill: bool) -> NDArray[np.int16]:
    """Samples of the tone.

    Real: a two-tone call, 770 and 960 Hz without a gap, 2.4 s. Drill: three short low beeps of 440 Hz
    with gaps. Pitch and rhythm both differ, so that neither is taken for the other by a bad horn.
    """
    if drill:
        beep, gap = _sine(DRILL_HZ[0], 0.25, rate), np.zeros(int(0.25 * rate))
        wave = np.concatenate([beep, gap] * 3)
    else:
        wave = np.concatenate([_sine(pitch, 0.4, rate) for pitch in REAL_HZ * 3])
    return (wave * _LOUDNESS * 32767).astype(np.int16)


def beeps_wav(groups: Sequence[int], rate: int = 11_025) -> bytes:
    """A WAV file: the real call once, then each group's number of beeps, far enough apart to be counted.

    Made for a hand-over, where who listens says how many there were.
    """
    beep, short, long = _sine(BEEP_HZ, 0.16, rate), np.zeros(int(0.3 * rate)), np.zeros(int(1.3 * rate))
    call = np.concatenate([_sine(pitch, 0.4, rate) for pitch in REAL_HZ])
    parts = [call]
    for number in groups:
        parts += [long, *([beep, short] * number)]
    samples = (np.concatenate([*parts, long]) * _LOUDNESS * 32767).astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(samples.tobytes())
    return file.getvalue()


def _sine(pitch_hz: float, seconds: float, rate: int) -> NDArray[np.float64]:
    """One tone with soft edges of 10 ms (no clicks)."""
    count = int(seconds * rate)
    samples = np.sin(2 * np.pi * pitch_hz * np.arange(count) / rate)
    edge = np.minimum(1.0, np.minimum(np.arange(count), np.arange(count)[::-1]) / (0.01 * rate))
    return np.asarray(samples * edge, dtype=np.float64)


def resampled(samples: NDArray[np.int16], source: int, target: int) -> NDArray[np.int16]:
    """The same sound at a lower rate, without aliasing (frequencies above the new limit are cut)."""
    if source == target:
        return samples
    spectrum = np.fft.rfft(samples.astype(np.float64))
    count = round(len(samples) * target / source)
    kept = spectrum[: count // 2 + 1]
    sound = np.fft.irfft(kept, count) * (target / source)
    return np.clip(np.round(sound), -32768, 32767).astype(np.int16)
