// `npm test [-- PATH… | --concurrency N | --only NAME]`: Node's own runner over every *.test.ts of the
// quick suite, or over the given files and folders. Suites that are slow or need a build or a server
// run only when named; `--thorough` runs what takes long, and whole what the quick suite samples. Neighbours share a process: loading the product costs more than most files do.

import { spawnSync } from 'node:child_process'
import {
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { pathToFileURL } from 'node:url'

const SLOW_SUITES = [
  'test/bench',
  'test/corpora',
  'test/executable',
  'test/faults',
  'test/long',
  'test/postgres',
]
/** Of quick folders: proofs that take long. */
const LONG_FILES = [
  'test/adapters/siem/local',
  'test/browser/audit',
  'test/browser/first-run',
  'test/browser/hostile',
  'test/browser/htmx',
  'test/browser/injection',
  'test/browser/instance',
  'test/browser/passkeys',
  'test/browser/rule-imports',
  'test/browser/rules',
  'test/browser/search-all',
  'test/browser/sign-in-pages',
  'test/browser/upstreams',
  'test/cli/demo',
  'test/cli/match-threads',
  'test/cli/process',
  'test/cli/query',
  'test/cli/rule-import',
  'test/cli/rule-threads',
  'test/cli/search',
  'test/cli/sync',
  'test/cli/trust',
  'test/cli/user',
  'test/domain/backups',
  'test/domain/rules-bulk',
  'test/domain/rules-tests',
  'test/domain/target-identities',
  'test/http/api/repeat',
  'test/http/edited-rows',
  'test/http/email',
  'test/http/links',
  'test/http/mailed-links',
  'test/http/passkeys',
  'test/http/session-races',
  'test/http/sigma-offers',
  'test/http/upstreams',
  'test/languages/editor',
  'test/languages/hostile',
  'test/languages/sigma/correlation-proof',
  'test/platform/jobs/fairness',
  'test/standins/microsoft',
]
/** Those that take longest begin first, so that none is left running alone at the end. */
const LONGEST_FIRST = ['browser', 'cli', 'http', 'platform', 'domain']
const FILES_PER_PROCESS = 8
/** A peer of theirs takes the time from the machine, and would find theirs old after their neighbours. */
const ALONE = ['test/long/saml-attacks', 'test/long/single-sign-on-doors']
const MEMORY = '/dev/shm'
const ROOM_BYTES = 1024 ** 3

const root = path.resolve(import.meta.dirname, '../..')
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    concurrency: { type: 'string' },
    only: { type: 'string' },
    thorough: { type: 'boolean', default: false },
  },
})

const files = positionals.length > 0 ? positionals.flatMap(filesOf) : suiteFiles()
if (files.length === 0) {
  console.error(`No test files in ${positionals.join(', ') || 'test'}.`)
  process.exit(2)
}
const flags = [
  ...process.execArgv.filter((flag) => !flag.startsWith('--test')),
  '--test',
  `--test-concurrency=${values.concurrency ?? availableParallelism() + 1}`,
  ...(values.only === undefined ? [] : [`--test-name-pattern=${values.only}`]),
]
const field = mkdtempSync(path.join(roomyFolder(), 'rulewright-tests-'))
try {
  const { status } = spawnSync(process.execPath, [...flags, ...shareProcesses(files)], {
    cwd: root,
    env: {
      ...process.env,
      RULEWRIGHT_TEST_FOLDER: field,
      ...(values.thorough && { RULEWRIGHT_THOROUGH: 'yes' }),
    },
    stdio: 'inherit',
  })
  process.exitCode = status ?? 1
} finally {
  rmSync(field, { recursive: true, force: true })
}

/** In memory where there is room: each COMMIT waits for its file system, and the wait proves nothing. */
function roomyFolder(): string {
  try {
    const { bavail, bsize } = statfsSync(MEMORY)
    if (bavail * bsize >= ROOM_BYTES) return MEMORY
  } catch {
    // No such file system here.
  }
  return tmpdir()
}

function suiteFiles(): string[] {
  const all = globSync('test/**/*.test.ts', { cwd: root }).sort()
  const isOf = (starts: readonly string[]) => (file: string) =>
    starts.some((start) => file.startsWith(start))
  const quick = all.filter(
    (file) => !isOf([...SLOW_SUITES.map((suite) => `${suite}/`), ...LONG_FILES])(file),
  )
  if (!values.thorough) return quick
  return [...all.filter(isOf(['test/long/', ...LONG_FILES])), ...quick.filter(isSampled)]
}

function isSampled(file: string): boolean {
  return readFileSync(path.join(root, file), 'utf8').includes("'#test/support/thorough.ts'")
}

function filesOf(given: string): string[] {
  const target = path.resolve(root, given)
  if (!statSync(target, { throwIfNoEntry: false })?.isDirectory()) return [given]
  return globSync(`${given}/**/*.test.ts`, { cwd: root }).sort()
}

/** Entries that Node starts one process for, in its order: that of their names. */
function shareProcesses(all: readonly string[]): string[] {
  const areas = Map.groupBy(all, (file) => /^test\/(\w+)\//.exec(file)?.[1] ?? 'doors')
  const rank = (area: string) => (LONGEST_FIRST.indexOf(area) + 100) % 100
  return [...areas]
    .toSorted(([a], [b]) => rank(a) - rank(b))
    .flatMap(([area, of]) => {
      const [alone, shared] = [of.filter(isAlone), of.filter((file) => !isAlone(file))]
      return [...chunksOf(shared), ...alone.map((file) => [file])].map((chunk) => ({ area, chunk }))
    })
    .map(({ area, chunk }, at) => {
      if (chunk.length === 1) return chunk[0]!
      const entry = path.join(field, `${String(at).padStart(3, '0')}-${area}.mjs`)
      const imports = chunk.map(
        (file) => `import '${pathToFileURL(path.resolve(root, file)).href}'`,
      )
      writeFileSync(entry, imports.join('\n'))
      return entry
    })
}

function isAlone(file: string): boolean {
  return ALONE.some((start) => file.startsWith(start))
}

/** Even shares, none above FILES_PER_PROCESS. */
function chunksOf(list: readonly string[]): string[][] {
  const count = Math.ceil(list.length / FILES_PER_PROCESS)
  const size = Math.ceil(list.length / count)
  return Array.from({ length: count }, (_, at) => list.slice(at * size, (at + 1) * size))
}
