/**
 * Runs the tools of the toolchain as child processes of the Node that runs this. Knows how to find a package's
 * command without a shell, so that it is the same on every system; knows no tool by name.
 */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The folder of the repository. */
export const repositoryRoot = join(import.meta.dirname, '..')

export interface CommandOptions {
  /** Working directory; the repository by default. */
  readonly cwd?: string
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>
  /** `capture` (the default) collects what it prints, `inherit` lets it print to this process's streams. */
  readonly output?: 'capture' | 'inherit'
}

export interface CommandResult {
  readonly exitCode: number
  /** Stdout and stderr in the order they came; empty when inherited. */
  readonly output: string
  readonly elapsedMs: number
}

/** A command that an installed package brings. */
export interface PackageCommand {
  readonly packageName: string
  /** The package's own name by default. */
  readonly name?: string
}

/** Path of the script behind `command`. */
function scriptOf({ packageName, name = packageName }: PackageCommand): string {
  const folder = join(repositoryRoot, 'node_modules', packageName)
  const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const bin =
    typeof manifest === 'object' && manifest !== null && 'bin' in manifest ? manifest.bin : undefined
  const script = typeof bin === 'string' ? bin : (bin as Record<string, string> | undefined)?.[name]
  if (script === undefined) throw new Error(`Package ${packageName} has no command ${name}; run \`npm ci\`.`)
  return join(folder, script)
}

/** Runs `command` with `args`; resolves with its exit code, rejects only when it cannot be started. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const startedMs = performance.now()
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? repositoryRoot,
      env: { ...process.env, ...options.env },
      stdio: options.output === 'inherit' ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    })
    const chunks: Buffer[] = []
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('error', reject)
    child.on('close', (code) => {
      resolve({
        exitCode: code ?? 1,
        output: Buffer.concat(chunks).toString('utf8'),
        elapsedMs: performance.now() - startedMs,
      })
    })
  })
}

/** Runs the script behind a package's command with this very Node. */
export function runPackageCommand(
  command: PackageCommand,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return runCommand(process.execPath, [scriptOf(command), ...args], options)
}
