// `npm test [-- PATH… | --concurrency N | --only NAME]`: Node's own runner over every *.test.ts of the
// quick suite, or over the given files and folders. Suites that are slow or need a build or a server
// run only when named.

import { spawnSync } from 'node:child_process'
import { globSync, statSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'

const SLOW_SUITES = [
  'test/bench',
  'test/corpora',
  'test/executable',
  'test/faults',
  'test/postgres',
]
const root = path.resolve(import.meta.dirname, '../..')
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { concurrency: { type: 'string' }, only: { type: 'string' } },
})

const files = positionals.length > 0 ? positionals.flatMap(filesOf) : quickFiles()
if (files.length === 0) {
  console.error(`No test files in ${positionals.join(', ') || 'test'}.`)
  process.exit(2)
}
const flags = [
  ...process.execArgv.filter((flag) => !flag.startsWith('--test')),
  '--test',
  `--test-concurrency=${values.concurrency ?? 2}`,
  ...(values.only === undefined ? [] : [`--test-name-pattern=${values.only}`]),
]
const { status } = spawnSync(process.execPath, [...flags, ...files], {
  cwd: root,
  stdio: 'inherit',
})
process.exitCode = status ?? 1

function quickFiles(): string[] {
  const all = globSync('test/**/*.test.ts', { cwd: root })
  return all.filter((file) => !SLOW_SUITES.some((suite) => file.startsWith(`${suite}/`))).sort()
}

function filesOf(given: string): string[] {
  const target = path.resolve(root, given)
  if (!statSync(target, { throwIfNoEntry: false })?.isDirectory()) return [given]
  return globSync(`${given}/**/*.test.ts`, { cwd: root }).sort()
}
