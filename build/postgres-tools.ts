/**
 * The client programs of a Postgres at least as new as the servers under test (psql, pg_dump, pg_restore, pgbench),
 * which a stable Debian does not have and pg_dump insists on. Unpacks the packages of Debian's testing release, with
 * the libraries that they want, into a folder of the checkout; installs nothing, and needs no rights.
 */
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot, runCommand } from './run-command.ts'

const TOOLS = join(repositoryRoot, 'out/postgres-tools')
/** Made under another name and moved when whole, so that what is there is complete. */
const UNFINISHED = `${TOOLS}.unfinished`
const PROGRAMS = ['psql', 'pg_dump', 'pg_restore', 'pgbench', 'createdb', 'dropdb', 'pg_isready']
/** Debian's name for what becomes its next release; its `postgresql-client` is the newest Postgres. */
const RELEASE = 'testing'
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'
const ATTEMPTS_MAX = 3

/** Starts one of them with the loader and the libraries of its own release, not the system's older ones. */
const LAUNCHER = `#!/bin/sh
root=$(dirname "$(dirname "$(readlink -f "$0")")")
program=$(basename "$0")
libraries=$(echo "$root"/usr/lib/*-linux-gnu*)
loader=$(echo "$libraries"/ld-linux*.so.*)
exec "$loader" --library-path "$libraries" "$root"/usr/lib/postgresql/*/bin/"$program" "$@"
`

async function main(): Promise<void> {
  if (existsSync(TOOLS)) return
  rmSync(UNFINISHED, { recursive: true, force: true })
  for (const folder of ['apt/lists/partial', 'apt/archives/partial', 'bin']) {
    mkdirSync(join(UNFINISHED, folder), { recursive: true })
  }
  const configuration = await configureApt()
  await run('apt-get', ['update', '-q'], configuration)
  const packages = await packagesWanted(configuration)
  await run('apt-get', ['download', '-q', ...packages], configuration)
  const archives = readdirSync(join(UNFINISHED, 'apt')).filter((name) => name.endsWith('.deb'))
  for (const archive of archives) await run('dpkg', ['-x', join('apt', archive), '.'])
  for (const program of PROGRAMS) {
    const path = join(UNFINISHED, 'bin', program)
    writeFileSync(path, LAUNCHER)
    chmodSync(path, 0o755)
  }
  rmSync(join(UNFINISHED, 'apt'), { recursive: true })
  const version = await run('bin/pg_dump', ['--version'])
  renameSync(UNFINISHED, TOOLS)
  process.stdout.write(`out/postgres-tools/bin: ${version}`)
}

/** An apt that knows the testing release alone, and takes nothing for installed. Answers its configuration file. */
async function configureApt(): Promise<string> {
  const targets = await run('apt-get', ['indextargets', '--format', '$(REPO_URI)'])
  const mirror = targets.split('\n').find((uri) => /\/debian\/?$/.test(uri))
  if (mirror === undefined) throw new Error('This apt knows no Debian mirror: the tools come from one')
  const apt = join(UNFINISHED, 'apt')
  writeFileSync(join(apt, 'sources.list'), `deb [signed-by=${KEYRING}] ${mirror} ${RELEASE} main\n`)
  writeFileSync(join(apt, 'status'), '')
  const file = join(apt, 'apt.conf')
  writeFileSync(
    file,
    `Dir::Etc::sourcelist "${apt}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State::lists "${apt}/lists";
Dir::State::status "${apt}/status";
Dir::Cache "${apt}";
APT::Install-Recommends "false";
APT::Sandbox::User "root";
`,
  )
  return file
}

/** The client programs, the server's package for pgbench, and the libraries of the former. */
async function packagesWanted(configuration: string): Promise<string[]> {
  const plan = await run('apt-get', ['install', '-s', 'postgresql-client'], configuration)
  const names = [...plan.matchAll(/^Inst (\S+)/gm)].map(([, name]) => name ?? '')
  const client = names.find((name) => /^postgresql-client-\d+$/.test(name))
  if (client === undefined) throw new Error(`postgresql-client brings no version of its own:\n${plan}`)
  const libraries = names.filter((name) => /^(lib|zlib)/.test(name) && !name.includes('perl'))
  return [client, client.replace('-client', ''), ...libraries]
}

/** Runs `program` in the unfinished folder; mirrors fail now and then. Answers what it printed. */
async function run(program: string, words: readonly string[], aptConfiguration?: string): Promise<string> {
  const isDownload = words[0] === 'download'
  const cwd = isDownload ? join(UNFINISHED, 'apt') : UNFINISHED
  const options = aptConfiguration === undefined ? { cwd } : { cwd, env: { APT_CONFIG: aptConfiguration } }
  for (let attempt = 1; ; attempt++) {
    const { exitCode, output } = await runCommand(program, words, options)
    if (exitCode === 0) return output
    if (attempt === ATTEMPTS_MAX) throw new Error(`${program} ${words.join(' ')} failed:\n${output}`)
  }
}

await main()
