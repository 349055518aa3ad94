/**
 * The vertical scroll position of a list that may be taller than a browser can lay out. Owns the exact position
 * in pixels of content (the truth) and how the browser's own scroll position follows it. Knows no rows.
 *
 * Up to `scrollSpanMaxPx` both are the same. Beyond, the scrollbar spans only that much: small steps move the
 * content pixel by pixel, large ones (the thumb was dragged) move it in proportion.
 */

/**
 * Chromium clamps heights to 33,554,432 px (32-bit layout units of 1/64 px) and keeps scroll offsets as float32,
 * which is exact to a quarter of a pixel up to 4,194,304. Below that no position is ever rounded visibly.
 */
export const scrollSpanMaxPx = 4_000_000

/** A difference that is no movement: the browser rounds scroll positions to whole device pixels. */
const echoTolerancePx = 1

export class ScrollMapping {
  #contentPx = 0
  #viewPx = 0
  #topPx = 0
  #nativePx = 0

  /** First visible pixel of the content, with fractions. */
  get topPx(): number {
    return this.#topPx
  }

  /** The largest `topPx` there is. */
  get topMaxPx(): number {
    return Math.max(0, this.#contentPx - this.#viewPx)
  }

  /** Height that the scrolled element must have. */
  get spanPx(): number {
    return Math.min(this.#contentPx, Math.max(scrollSpanMaxPx, this.#viewPx))
  }

  /** Scroll position that the browser should show for `topPx`. */
  get nativePx(): number {
    return this.#topPx * this.#nativePerPx
  }

  /** Tells new sizes; the position stays, unless the content now ends before it. */
  resize(contentPx: number, viewPx: number): void {
    this.#contentPx = contentPx
    this.#viewPx = viewPx
    this.moveTo(this.#topPx)
  }

  /** Moves to a position, within the content. */
  moveTo(topPx: number): void {
    this.#topPx = Math.min(Math.max(0, topPx), this.topMaxPx)
  }

  /** Remembers the position that the browser now has, after it was told `nativePx`. */
  didApply(nativePx: number): void {
    this.#nativePx = nativePx
  }

  /** Takes over a position that the browser reports; true when it moves the content. */
  follow(nativePx: number): boolean {
    const stepPx = nativePx - this.#nativePx
    if (Math.abs(stepPx) < echoTolerancePx) return false
    this.#nativePx = nativePx
    const before = this.#topPx
    if (nativePx <= 0) this.moveTo(0)
    else if (nativePx >= this.#nativeMaxPx - echoTolerancePx) this.moveTo(this.topMaxPx)
    else if (Math.abs(stepPx) <= this.#viewPx && this.#nativePerPx < 1) this.moveTo(before + stepPx)
    else this.moveTo(nativePx / this.#nativePerPx)
    return this.#topPx !== before
  }

  get #nativeMaxPx(): number {
    return Math.max(0, this.spanPx - this.#viewPx)
  }

  get #nativePerPx(): number {
    return this.topMaxPx > 0 ? this.#nativeMaxPx / this.topMaxPx : 1
  }
}
