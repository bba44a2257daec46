// The sound of this browser: a loop that runs by itself, also in a tab that is not seen.
//
// A browser lets a page sound only after somebody has pressed something in it. Until then `isAllowed` is false,
// and the frame says so. Of several tabs of one browser only one sounds.

import { ref, type Ref } from "vue";
import { render, type Priority } from "./tones";

const LOCK = "hazardwatch.horn";
const TEST_S = 2.4;

export class Speaker {
  readonly isAllowed: Ref<boolean> = ref(false);
  private readonly context = new AudioContext();
  private readonly gain = this.context.createGain();
  private readonly buffers = new Map<Priority, AudioBuffer>();
  private source: AudioBufferSourceNode | null = null;
  private playing: Priority | null = null;
  private wanted: Priority | null = null;
  private mine = false;

  constructor(volume: number) {
    this.gain.connect(this.context.destination);
    this.volume = volume;
    this.context.onstatechange = () => this.look();
    this.look();
  }

  set volume(share: number) {
    this.gain.gain.value = share;
  }

  /** To be called from a press: this is what the browser waits for. */
  async allow(): Promise<void> {
    await this.context.resume();
    this.look();
  }

  /** Sound this priority from now on, or nothing. */
  sound(priority: Priority | null): void {
    this.wanted = priority;
    this.apply();
  }

  /** Let it be heard once, whatever else sounds. */
  async test(priority: Priority): Promise<void> {
    await this.allow();
    const source = this.begin(priority);
    source.stop(this.context.currentTime + TEST_S);
  }

  end(): void {
    this.wanted = null;
    this.apply();
    void this.context.close();
  }

  private look(): void {
    this.isAllowed.value = this.context.state === "running";
    if (this.isAllowed.value && !this.mine) this.takeTurn();
    this.apply();
  }

  /** Browsers without locks (pages that came over plain HTTP) sound in every tab: better twice than not. */
  private takeTurn(): void {
    if (!("locks" in navigator)) {
      this.mine = true;
      return;
    }
    void navigator.locks.request(LOCK, () => {
      this.mine = true;
      this.apply();
      return new Promise<void>(() => undefined); // until this page goes
    });
  }

  private apply(): void {
    const now = this.mine && this.isAllowed.value ? this.wanted : null;
    if (now === this.playing) return;
    this.source?.stop();
    this.playing = now;
    this.source = now ? this.begin(now) : null;
  }

  private begin(priority: Priority): AudioBufferSourceNode {
    const source = this.context.createBufferSource();
    source.buffer = this.bufferOf(priority);
    source.loop = true;
    source.connect(this.gain);
    source.start();
    return source;
  }

  private bufferOf(priority: Priority): AudioBuffer {
    const known = this.buffers.get(priority);
    if (known) return known;
    const samples = render(priority, this.context.sampleRate);
    const buffer = this.context.createBuffer(1, samples.length, this.context.sampleRate);
    buffer.copyToChannel(samples, 0);
    this.buffers.set(priority, buffer);
    return buffer;
  }
}
