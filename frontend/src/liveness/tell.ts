/**
 * Tells a person whose eyes are closed that they may open them: by a tone, and by a vibration where
 * the device can. The page cannot be seen then.
 */

/** A high A: small loudspeakers give it well, and most people hear it. */
const TONE_HZ = 880;
/** Seconds that it sounds, and that it swells and fades, which avoids a click. */
const TONE_S = 0.35;
const FADE_S = 0.03;
/** Of the loudest: to be heard at arm's length, and to frighten nobody. */
const LOUDNESS = 0.3;
/** Milliseconds. */
const VIBRATION_MS = 200;

/** Sounds and vibrates. What the browser does not allow is left out: the words say what to do then. */
export function tellToOpen(): void {
  navigator.vibrate?.(VIBRATION_MS);
  try {
    sound(new AudioContext());
  } catch {
    // No sound here.
  }
}

function sound(audio: AudioContext): void {
  const [tone, volume] = [audio.createOscillator(), audio.createGain()];
  const begin = audio.currentTime;
  tone.frequency.value = TONE_HZ;
  volume.gain.setValueAtTime(0, begin);
  volume.gain.linearRampToValueAtTime(LOUDNESS, begin + FADE_S);
  volume.gain.setValueAtTime(LOUDNESS, begin + TONE_S - FADE_S);
  volume.gain.linearRampToValueAtTime(0, begin + TONE_S);
  tone.connect(volume).connect(audio.destination);
  tone.onended = () => void audio.close();
  tone.start(begin);
  tone.stop(begin + TONE_S);
  // Some browsers begin silent until they are asked.
  void audio.resume().catch(() => {});
}
