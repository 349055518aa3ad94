/**
 * Must be the first import of every page entry. Under `require-trusted-types-for 'script'` a worker can only be
 * started from a URL that a policy has passed; bundlers write `new Worker(string)`, which this default policy
 * allows for scripts that were built with the page and for nothing else. Texts never become scripts or HTML.
 */

/** The factory, which not every browser has; one that lacks it enforces nothing either. */
interface TrustedTypesFactory {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): unknown
}

declare global {
  interface Window {
    readonly trustedTypes?: TrustedTypesFactory
  }
}

/** Where the build puts scripts, relative to the page. */
const scriptFolder = new URL('./assets/', document.baseURI)

window.trustedTypes?.createPolicy('default', {
  createScriptURL(url) {
    const { origin, pathname } = new URL(url, document.baseURI)
    if (origin === scriptFolder.origin && pathname.startsWith(scriptFolder.pathname)) return url
    throw new TypeError(`A script from ${origin} may not be run`)
  },
})

export {}
