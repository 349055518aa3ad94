/** Specs that concern the served form as a whole, and why; single ones say so with `servedOnly`. */

export const servedOnlyFiles: ReadonlyMap<string, string> = new Map([
  ['**/client-examples.spec.ts', 'pages of others in a browser, with a server of their own'],
  ['**/commands.spec.ts', 'commands of the terminal'],
  ['**/gallery.spec.ts', 'widgets without a host'],
])
