/**
 * The built page as a fixed table from URL path to bytes, read once at start. Nothing is looked up on disk when
 * a request comes, so no path of a request can lead anywhere else, and a rebuild under a running host does not
 * mix two versions. Knows no HTTP beyond names and values of headers.
 */

import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { WorkbenchError } from '../../contract/error.ts'

/** The page is about 8 MB; ten times that means that the folder is not what it should be. */
const pageBytesMax = 96 << 20
const pageFilesMax = 5_000

/** File types of the build. Anything else is sent as bytes that no browser runs. */
const contentTypes: ReadonlyMap<string, string> = new Map([
  ['.css', 'text/css; charset=utf-8'],
  ['.html', 'text/html; charset=utf-8'],
  ['.ico', 'image/x-icon'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.json', 'application/json'],
  ['.png', 'image/png'],
  ['.svg', 'image/svg+xml'],
  ['.ttf', 'font/ttf'],
  ['.txt', 'text/plain; charset=utf-8'],
  ['.wasm', 'application/wasm'],
  ['.webmanifest', 'application/manifest+json'],
  ['.woff', 'font/woff'],
  ['.woff2', 'font/woff2'],
])

/** Source maps are for developers, who have the sources. */
const notServed: ReadonlySet<string> = new Set(['.map'])

export interface PageFile {
  readonly bytes: Buffer
  /** Content-Type, ETag and Cache-Control. */
  readonly headers: Readonly<Record<string, string>>
}

export class PageFiles {
  readonly #files: ReadonlyMap<string, PageFile>

  private constructor(files: ReadonlyMap<string, PageFile>) {
    this.#files = files
  }

  /** Begins to read the folder that the renderer was built into; throws `not-found` when it was not. */
  static async begin(directory: string): Promise<{ readonly whole: Promise<PageFiles> }> {
    const paths = await filesUnder(directory)
    if (!paths.includes(join(directory, 'index.html'))) throw notBuilt(directory)
    const whole = PageFiles.#readAll(directory, paths)
    // Of whoever waits for it.
    whole.catch(() => undefined)
    return { whole }
  }

  static async read(directory: string): Promise<PageFiles> {
    return (await PageFiles.begin(directory)).whole
  }

  static async #readAll(directory: string, paths: readonly string[]): Promise<PageFiles> {
    const files = new Map<string, PageFile>()
    let bytesTotal = 0
    for (const path of paths) {
      if (notServed.has(extname(path))) continue
      const bytes = await readFile(path)
      bytesTotal += bytes.length
      if (bytesTotal > pageBytesMax || files.size >= pageFilesMax) {
        throw new WorkbenchError('limit-exceeded', `${directory} is larger than any build of the page`)
      }
      files.set(`/${relative(directory, path).split(sep).join('/')}`, pageFile(path, bytes))
    }
    return new PageFiles(files)
  }

  /** The file of a URL path, which must match to the letter; undefined when there is none. `/` is the page. */
  find(urlPath: string): PageFile | undefined {
    return this.#files.get(urlPath === '/' ? '/index.html' : urlPath)
  }

  get paths(): readonly string[] {
    return [...this.#files.keys()]
  }
}

function pageFile(path: string, bytes: Buffer): PageFile {
  // Names under assets/ carry a hash of their content, so they never change.
  const isImmutable = path.includes(`${sep}assets${sep}`)
  return {
    bytes,
    headers: {
      'Content-Type': contentTypes.get(extname(path).toLowerCase()) ?? 'application/octet-stream',
      ETag: `"${createHash('sha256').update(bytes).digest('base64url')}"`,
      'Cache-Control': isImmutable ? 'private, max-age=31536000, immutable' : 'no-cache',
    },
  }
}

async function filesUnder(directory: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  } catch (error) {
    throw notBuilt(directory, error)
  }
}

function notBuilt(directory: string, cause?: unknown): WorkbenchError {
  const message = `The page is not built (no index.html in ${directory}): run npm run build`
  return new WorkbenchError('not-found', message, { cause })
}
