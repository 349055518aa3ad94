/**
 * Prints a float8 as Postgres does (float8out with extra_float_digits = 1: src/common/d2s.c of PostgreSQL 18).
 * The digits are JavaScript's, which are the shortest too, except in the one case that Postgres treats otherwise.
 */

/** to_chars in d2s.c: plain notation while the decimal exponent is in this range. */
const plainExponentMin = -4
const plainExponentMax = 14

/**
 * Where a midpoint of two doubles can have 17 digits or fewer. Below, it has a fraction and more digits. Above, it
 * would have to be 17 digits times a power of ten with more than 23 fives, which 54 bits cannot hold.
 */
const midpointMin = 2 ** 52
const midpointMax = 1e42

const significantDigitsMax = 17

/** A value as digits and the decimal exponent of the first one: 1.25e3 is { digits: '125', exponent: 3 }. */
interface Decimal {
  readonly digits: string
  readonly exponent: number
}

/** `value` as Postgres prints it: shortest digits, `1e+15` rather than `1000000000000000`, `-0`, `Infinity`, `NaN`. */
export function formatFloat8(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const sign = value < 0 ? '-' : ''
  const magnitude = Math.abs(value)
  if (magnitude === Infinity) return `${sign}Infinity`
  // By far the most values: what JavaScript prints in plain notation is what Postgres prints.
  if (magnitude >= 1e-4 && magnitude < 1e15) return String(value)
  return sign + print(shortestWithinBounds(magnitude))
}

function print({ digits, exponent }: Decimal): string {
  if (exponent >= plainExponentMin && exponent <= plainExponentMax) return printPlain(digits, exponent)
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : ''
  const size = String(Math.abs(exponent)).padStart(2, '0')
  return `${digits.slice(0, 1)}${fraction}e${exponent < 0 ? '-' : '+'}${size}`
}

function printPlain(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  const fraction = digits.slice(exponent + 1)
  return fraction === '' ? whole : `${whole}.${fraction}`
}

/**
 * The shortest digits that lie strictly between the midpoints to the neighbours. JavaScript also accepts digits
 * that are a midpoint (1e23), where reading rounds to the even neighbour and so comes back to the value; Postgres
 * does not rely on that (STRICTLY_SHORTEST in d2s.c).
 */
function shortestWithinBounds(magnitude: number): Decimal {
  const shortest = parse(magnitude.toExponential())
  if (magnitude < midpointMin || magnitude > midpointMax || !isMidpoint(shortest, magnitude)) return shortest
  for (let precision = shortest.digits.length + 1; precision < significantDigitsMax; precision++) {
    const candidate = parse(magnitude.toExponential(precision - 1))
    if (Number(toLiteral(candidate)) === magnitude && !isMidpoint(candidate, magnitude)) return candidate
  }
  return parse(magnitude.toExponential(significantDigitsMax - 1))
}

/** Whether `decimal`, which reads as `magnitude`, is exactly as far from one of its neighbours. */
function isMidpoint(decimal: Decimal, magnitude: number): boolean {
  const trailingZeros = decimal.exponent + 1 - decimal.digits.length
  if (trailingZeros < 0) return false
  const exact = BigInt(magnitude)
  const written = BigInt(decimal.digits) * 10n ** BigInt(trailingZeros)
  // Mirrored at a midpoint, a double is its neighbour, and so a double too.
  const mirrored = 2n * written - exact
  return mirrored !== exact && BigInt(Number(mirrored)) === mirrored
}

function parse(exponential: string): Decimal {
  const [mantissa = '', exponent = ''] = exponential.split('e')
  return { digits: mantissa.replace('.', '').replace(/0+$/, ''), exponent: Number(exponent) }
}

function toLiteral({ digits, exponent }: Decimal): string {
  return `${digits}e${exponent - digits.length + 1}`
}
