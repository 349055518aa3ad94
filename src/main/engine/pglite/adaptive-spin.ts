/**
 * How long whoever waits keeps looking before it sleeps: a while if the last wait was shorter than that, else not at
 * all. So who answers at once is not made to pay for a sleep, and who takes longer costs no processor. The rule is that
 * of KVM's halt polling (Linux, Documentation/virt/kvm/halt-polling.rst, "Halt Polling Interval"), with one step up and
 * one down. Knows no clock.
 */

export class AdaptiveSpin {
  readonly #maxMs: number
  #spinMs = 0

  constructor(maxMs: number) {
    this.#maxMs = maxMs
  }

  /** For the next wait; 0 when it is not worth it. */
  get spinMs(): number {
    return this.#spinMs
  }

  /** Learns from a wait that has ended, whether it was slept through or not. */
  learn(waitedMs: number): void {
    this.#spinMs = waitedMs <= this.#maxMs ? this.#maxMs : 0
  }
}
