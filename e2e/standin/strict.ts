/**
 * Objects of the stand-in refuse what they do not model: reading an unknown member throws, so that no spec passes
 * because something was silently ignored. Knows no API.
 */

/** Asked for by JavaScript itself, by inspectors and by `await`, of any object. */
const askedOfAnything: ReadonlySet<string> = new Set([
  'then',
  'toJSON',
  '__esModule',
  'default',
  'nodeType',
  'asymmetricMatch',
  '$$typeof',
])

/** What a stand-in says of an API that it does not model. */
export function notImplemented(name: string): Error {
  return new Error(`stand-in: ${name} is not implemented`)
}

/**
 * `target` whose unknown members throw. Its methods keep their own `this`, and specs may replace them, as they may
 * replace those of Electron.
 */
export function strict<T extends object>(name: string, target: T): T {
  return new Proxy(target, {
    get(object, key) {
      if (typeof key === 'string' && !(key in object) && !askedOfAnything.has(key)) {
        throw notImplemented(`${name}.${key}`)
      }
      const value: unknown = Reflect.get(object, key, object)
      return typeof value === 'function' ? (value.bind(object) as unknown) : value
    },
    set: (object, key, value) => Reflect.set(object, key, value, object),
  })
}

/** An event that a listener can prevent, as Electron hands them out. */
export interface Preventable {
  readonly defaultPrevented: boolean
  preventDefault(): void
}

export function preventable<Details extends object>(details: Details): Details & Preventable {
  let isPrevented = false
  const event = {
    ...details,
    preventDefault: () => {
      isPrevented = true
    },
  }
  return Object.defineProperty(event, 'defaultPrevented', {
    get: () => isPrevented,
    enumerable: true,
  }) as Details & Preventable
}
