/**
 * Validator primitives from which every shape that crosses a border is composed. A schema is data plus one
 * function; it knows no domain word. Unknown fields are dropped, so that an older side tolerates a newer one.
 */

import { WorkbenchError } from './error.ts'

/** Checks a value that came from outside and returns it typed; throws `invalid-argument` naming the path. */
export interface Schema<T> {
  parse(value: unknown, path: string): T
}

/** The type that a schema accepts. */
export type Infer<S> = S extends Schema<infer T> ? T : never

function refuse(path: string, expected: string): never {
  throw new WorkbenchError('invalid-argument', `${path} must be ${expected}`)
}

/** Text of at most `lengthMax` UTF-16 code units. */
export function string(lengthMax: number, lengthMin = 0): Schema<string> {
  return {
    parse(value, path) {
      if (typeof value !== 'string') refuse(path, 'text')
      if (value.length < lengthMin) refuse(path, `at least ${lengthMin} characters long`)
      if (value.length > lengthMax) refuse(path, `at most ${lengthMax} characters long`)
      return value
    },
  }
}

/** A whole number within both bounds (inclusive). */
export function integer(min: number, max: number = Number.MAX_SAFE_INTEGER): Schema<number> {
  return {
    parse(value, path) {
      if (typeof value !== 'number' || !Number.isInteger(value)) refuse(path, 'a whole number')
      if (value < min || value > max) refuse(path, `between ${min} and ${max}`)
      return value
    },
  }
}

/** A finite number, such as a duration in milliseconds. */
export const finite: Schema<number> = {
  parse(value, path) {
    return typeof value === 'number' && Number.isFinite(value) ? value : refuse(path, 'a finite number')
  },
}

export const boolean: Schema<boolean> = {
  parse(value, path) {
    return typeof value === 'boolean' ? value : refuse(path, 'true or false')
  },
}

/** Nothing: calls without parameters or results. */
export const nothing: Schema<null> = {
  parse(value, path) {
    return value === null || value === undefined ? null : refuse(path, 'empty')
  },
}

/** One of a closed list of texts. */
export function oneOf<const T extends readonly string[]>(...allowed: T): Schema<T[number]> {
  return {
    parse(value, path) {
      const found = allowed.find((candidate) => candidate === value)
      return found ?? refuse(path, `one of ${allowed.join(', ')}`)
    },
  }
}

/** A list of at most `lengthMax` items. */
export function array<T>(item: Schema<T>, lengthMax: number): Schema<readonly T[]> {
  return {
    parse(value, path) {
      if (!Array.isArray(value)) refuse(path, 'a list')
      if (value.length > lengthMax) refuse(path, `a list of at most ${lengthMax} items`)
      return value.map((entry: unknown, index) => item.parse(entry, `${path}[${index}]`))
    },
  }
}

export function nullable<T>(inner: Schema<T>): Schema<T | null> {
  return { parse: (value, path) => (value === null || value === undefined ? null : inner.parse(value, path)) }
}

/** A field that may be missing. */
export interface OptionalSchema<T> extends Schema<T> {
  readonly isOptional: true
}

/** A field of an object that callers may leave out; it is then missing in what is parsed, too. */
export function optional<T>(inner: Schema<T>): OptionalSchema<T> {
  return { isOptional: true, parse: (value, path) => inner.parse(value, path) }
}

type Fields = Readonly<Record<string, Schema<unknown> | OptionalSchema<unknown>>>
type OptionalNames<F extends Fields> = {
  [K in keyof F]: F[K] extends OptionalSchema<unknown> ? K : never
}[keyof F]
type ObjectOf<F extends Fields> = {
  readonly [K in Exclude<keyof F, OptionalNames<F>>]: Infer<F[K]>
} & { readonly [K in OptionalNames<F>]?: Infer<F[K]> }

/** An object with exactly these fields (others are dropped). */
export function object<F extends Fields>(fields: F): Schema<ObjectOf<F>> {
  const names = Object.keys(fields)
  return {
    parse(value, path) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(path, 'an object')
      const result: Record<string, unknown> = {}
      for (const name of names) {
        // Only what the value has itself: nothing inherited passes for a field.
        const field: unknown = Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined
        const schema = fields[name]
        if (!schema || (field === undefined && 'isOptional' in schema)) continue
        result[name] = schema.parse(field, `${path}.${name}`)
      }
      return result as ObjectOf<F>
    },
  }
}

type Variants = Readonly<Record<string, Schema<object>>>
type UnionOf<V extends Variants> = { [K in keyof V & string]: { readonly kind: K } & Infer<V[K]> }[keyof V &
  string]

/** One of several objects, told apart by their field `kind`. */
export function union<V extends Variants>(variants: V): Schema<UnionOf<V>> {
  return {
    parse(value, path) {
      if (typeof value !== 'object' || value === null) refuse(path, 'an object')
      const kind: unknown = 'kind' in value ? value.kind : undefined
      const variant = typeof kind === 'string' && Object.hasOwn(variants, kind) ? variants[kind] : undefined
      if (!variant) refuse(`${path}.kind`, `one of ${Object.keys(variants).join(', ')}`)
      return { kind, ...variant.parse(value, path) } as UnionOf<V>
    },
  }
}
