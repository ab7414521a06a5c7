// Settings from flags, environment, file and defaults, in that order of precedence, and the data
// directory they belong to. Wrong or unknown settings stop the start: all of them are named at once,
// each with its place, also those that another source overrides.

import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { AppError } from '#kernel/error.ts'
import type { Problem } from '#kernel/problem.ts'
import { errnoOf } from '#platform/errno.ts'
import { checkTogether } from './together.ts'
import { SECTIONS, type Settings } from './schema.ts'
import { ALL, fromEnvironment, fromFile, fromFlags, type Found } from './sources.ts'
import { readToml } from './toml.ts'

export const SETTINGS_FILE = 'rulewright.toml'
/** In the data directory, unless `master_secret_file` says otherwise. */
export const MASTER_SECRET_FILE = 'master.secret'

export type Origin = 'flag' | 'environment' | 'file' | 'default'

export type SecretSource =
  | {
      readonly kind: 'value'
      readonly text: string
      /** The environment variable that held it. */
      readonly name: string
    }
  | {
      readonly kind: 'file'
      readonly path: string
      /** systemd keeps its credentials from everybody else, whatever their mode says. */
      readonly isGuarded: boolean
    }

export interface Configuration {
  readonly settings: Settings
  /** Absolute. */
  readonly dataDir: string
  /** The settings file that was read, absolute; undefined when there is none. */
  readonly file: string | undefined
  /** Where each setting's value comes from, by id (`server.listen`). */
  readonly origins: ReadonlyMap<string, Origin>
  /** Where the secret of this id (`masterSecret`, `server.metricsToken`) is, if it is set. */
  readonly secretSource: (id: string) => SecretSource | undefined
}

export interface ConfigurationInput {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** `--config`. */
  readonly file?: string | undefined
  /** By setting id: `data`, `server.listen`. */
  readonly flags?: Readonly<Record<string, string | undefined>>
}

/** Throws `invalid` with one line for each problem. */
export function loadConfiguration(input: ConfigurationInput): Configuration {
  const { cwd, env } = input
  const lines: string[] = []
  const flags = keep(lines, 'flag', fromFlags(input.flags ?? {}))
  const environment = keep(lines, 'environment', fromEnvironment(env))
  const explicitData = textOf(flags, 'data') ?? textOf(environment, 'data')
  const file = chooseFile(input, explicitData)
  const inFile = file === undefined ? NOTHING : readSettingsFile(lines, file, cwd)

  const base = file === undefined ? cwd : path.dirname(file)
  const dataInFile = textOf(inFile, 'data')
  const dataDir =
    (explicitData === undefined ? undefined : path.resolve(cwd, explicitData)) ??
    (dataInFile === undefined ? undefined : path.resolve(base, dataInFile)) ??
    defaultData(env, cwd)
  refuseTwoFiles(lines, { file, dataDir, isNamed: input.file !== undefined })

  const sources = [
    ['flag', flags],
    ['environment', environment],
    ['file', inFile],
  ] as const
  const { settings, origins } = merge(sources)
  for (const problem of checkTogether(settings)) lines.push(problem)
  if (lines.length > 0) throw new AppError('invalid', lines.join('\n'))
  return {
    settings,
    dataDir,
    file,
    origins,
    secretSource(id) {
      for (const [origin, found] of sources) {
        const given = found.given.find((one) => one.named.id === id)
        if (!given) continue
        const text = String(given.value)
        if (!given.isFile) return { kind: 'value', text, name: given.named.variable }
        const from = origin === 'file' ? base : cwd
        return { kind: 'file', path: path.resolve(from, text), isGuarded: false }
      }
      return id === 'masterSecret' ? systemdCredential(env) : undefined
    },
  }
}

const NOTHING: Found = { given: [], problems: [] }

/** One file is read: `--config`, else the data directory's, else the current folder's. */
function chooseFile(input: ConfigurationInput, data: string | undefined): string | undefined {
  const { cwd, env, file } = input
  if (file !== undefined) {
    const named = path.resolve(cwd, file)
    if (!existsSync(named)) throw new AppError('invalid', `--config ${file}: there is no such file`)
    return named
  }
  const here = path.join(cwd, SETTINGS_FILE)
  const dataDir = data === undefined ? defaultData(env, cwd) : path.resolve(cwd, data)
  const there = path.join(dataDir, SETTINGS_FILE)
  const order = data === undefined ? [here, there] : [there, here]
  return order.find((candidate) => existsSync(candidate))
}

// A file in the current folder may name a data directory with a file of its own, or hide that of
// the default one: reading either alone would ignore settings a person wrote.
function refuseTwoFiles(
  lines: string[],
  { file, dataDir, isNamed }: { file: string | undefined; dataDir: string; isNamed: boolean },
): void {
  const own = path.join(dataDir, SETTINGS_FILE)
  if (isNamed || file === undefined || file === own || !existsSync(own)) return
  lines.push(`${file} and ${own} both hold settings; keep one, or name one with --config`)
}

function defaultData(env: ConfigurationInput['env'], cwd: string): string {
  // systemd lists several directories with colons; the first is the main one.
  const [state] = (env['STATE_DIRECTORY'] ?? '').split(':')
  return state ? path.resolve(state) : path.join(cwd, 'rulewright-data')
}

/** `LoadCredential=master.secret:/path` in the unit. */
function systemdCredential(env: ConfigurationInput['env']): SecretSource | undefined {
  const folder = env['CREDENTIALS_DIRECTORY']
  if (folder === undefined) return undefined
  const file = path.join(folder, MASTER_SECRET_FILE)
  return existsSync(file) ? { kind: 'file', path: file, isGuarded: true } : undefined
}

function readSettingsFile(lines: string[], file: string, cwd: string): Found {
  const shown = path.relative(cwd, file)
  const name = shown === '' || shown.startsWith('..') ? file : shown
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (cause) {
    throw new AppError('invalid', `${name} cannot be read (${errnoOf(cause)})`, { cause })
  }
  const { value, problems } = readToml(bytes)
  if (!value) {
    lines.push(...problems.map((problem) => atPlace(name, problem)))
    return NOTHING
  }
  return keep(lines, name, fromFile(value))
}

function keep(lines: string[], name: string, found: Found): Found {
  lines.push(...found.problems.map((problem) => atPlace(name, problem)))
  return found
}

function atPlace(name: string, { line, column, message }: Problem): string {
  if (line === undefined) return name === 'flag' ? message : `${name}: ${message}`
  return `${name}:${line}:${column}: ${message}`
}

function textOf(found: Found, id: string): string | undefined {
  const given = found.given.find((one) => one.named.id === id)
  return given === undefined ? undefined : String(given.value)
}

function merge(sources: readonly (readonly [Origin, Found])[]) {
  const origins = new Map<string, Origin>()
  const settings: Record<string, Record<string, unknown>> = {}
  for (const section of Object.keys(SECTIONS)) settings[section] = {}
  for (const one of ALL) {
    const hit = sources.find(([, found]) => found.given.some((given) => given.named === one))
    origins.set(one.id, hit?.[0] ?? 'default')
    if (one.section === undefined || one.setting.isSecret) continue
    const given = hit?.[1].given.find((candidate) => candidate.named === one)
    const name = one.id.slice(one.section.length + 1)
    settings[one.section]![name] = given ? given.value : defaultOf(one)
  }
  // Built key by key from the same table the type is made of.
  return { settings: settings as unknown as Settings, origins }
}

function defaultOf({ setting }: (typeof ALL)[number]): unknown {
  return setting.schema.parse(setting.fallback)
}
