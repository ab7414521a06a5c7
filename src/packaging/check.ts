// `npm run check`: types, lint, format and dead code, side by side. All of them run even when one
// fails, so that one round shows everything; each prints its findings under its own heading.

import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'

interface Check {
  readonly name: string
  /** The program as npm names it, and which of that package's programs. */
  readonly bin: readonly [packageName: string, program: string]
  readonly args: readonly string[]
  readonly remedy: string
}

interface Outcome {
  readonly check: Check
  readonly isFine: boolean
  readonly output: string
  readonly seconds: number
}

const root = path.resolve(import.meta.dirname, '../..')

const CHECKS: readonly Check[] = [
  {
    name: 'types',
    bin: ['typescript', 'tsc'],
    args: [],
    remedy: 'Mend the types.',
  },
  ...['views/browser', 'test/browser'].map((folder): Check => ({
    name: folder,
    bin: ['typescript', 'tsc'],
    args: ['-p', folder],
    remedy: 'Mend the types; this folder knows the DOM.',
  })),
  {
    name: 'lint',
    bin: ['oxlint', 'oxlint'],
    args: ['--type-aware', '--deny-warnings', '--report-unused-disable-directives'],
    remedy: 'The rules and their reasons are in .oxlintrc.json.',
  },
  {
    name: 'format',
    bin: ['prettier', 'prettier'],
    args: ['--check', '--cache', '--log-level=warn', '.'],
    remedy: 'Run: npm run format',
  },
  {
    name: 'dead code',
    bin: ['knip', 'knip'],
    args: ['--no-progress'],
    remedy: 'Delete what nothing uses, or do not export it.',
  },
]

const waiting = [...CHECKS]
const outcomes: Outcome[] = []
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, takeTurns))
report()

async function takeTurns(): Promise<void> {
  for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
    outcomes.push(await run(check))
  }
}

async function run(check: Check): Promise<Outcome> {
  const startedAt = performance.now()
  const child = spawn(process.execPath, [binOf(check.bin), ...check.args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
  })
  const parts: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (part: Buffer) => parts.push(part))
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  return {
    check,
    isFine: code === 0,
    output: Buffer.concat(parts).toString('utf8').trim(),
    seconds: (performance.now() - startedAt) / 1000,
  }
}

/** The program's file: started on this very Node, because a `#!` line would find the machine's. */
function binOf([packageName, program]: Check['bin']): string {
  const folder = path.join(root, 'node_modules', packageName)
  const { bin } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    readonly bin: string | Readonly<Record<string, string>>
  }
  const file = typeof bin === 'string' ? bin : bin[program]
  if (file === undefined) throw new Error(`The package ${packageName} has no program ${program}.`)
  return path.join(folder, file)
}

function report(): void {
  const failed = outcomes.filter((outcome) => !outcome.isFine)
  for (const { check, output } of failed) console.log(`\n── ${check.name}\n${output}`)
  console.log()
  for (const { name } of CHECKS) {
    const outcome = outcomes.find(({ check }) => check.name === name)
    if (outcome === undefined) continue
    const { isFine, seconds, check } = outcome
    console.log(
      `${isFine ? 'ok  ' : 'FAIL'} ${name.padEnd(13)} ${seconds.toFixed(1).padStart(5)} s` +
        (isFine ? '' : `   ${check.remedy}`),
    )
  }
  process.exitCode = failed.length > 0 ? 1 : 0
}
