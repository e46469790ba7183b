"""Speech: a text becomes a WAV that loudspeakers play and people may hear before they send it.

`render` is the way in; `spoken` gives the words as they are read, for a preview.
"""

from alerts.speech.normalise import spoken
from alerts.speech.render import LONGEST_TEXT, Speech, audio_folder, render

__all__ = ["LONGEST_TEXT", "Speech", "audio_folder", "render", "spoken"]
