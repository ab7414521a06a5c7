// The three places settings come from besides the defaults: the file, the environment, flags. Each
// answers what it says, by setting, and everything that is wrong with it.

import { nearest, type Problem, type Span } from '#kernel/problem.ts'
import { fileKey, SECTIONS, TOP } from './schema.ts'
import type { Setting } from './setting.ts'
import type { TomlDocument } from './toml.ts'

/** A setting with its names: `server.allowHttp`, `[server] allow_http`, `RULEWRIGHT_SERVER_…`. */
export interface Named {
  readonly id: string
  readonly section: string | undefined
  readonly key: string
  readonly variable: string
  readonly setting: Setting<unknown>
}

export interface Given {
  readonly named: Named
  /** The value as the schema made it; for a secret, what the source said. */
  readonly value: unknown
  /** A secret in a file of its own: `value` is the file's path. */
  readonly isFile: boolean
}

export interface Found {
  readonly given: readonly Given[]
  readonly problems: readonly Problem[]
}

export const ALL: readonly Named[] = [
  ...Object.entries(TOP).map(([name, setting]) => named(undefined, name, setting)),
  ...Object.entries(SECTIONS).flatMap(([section, settings]) =>
    Object.entries(settings).map(([name, setting]) => named(section, name, setting)),
  ),
]

function named(section: string | undefined, name: string, setting: Setting<unknown>): Named {
  const key = fileKey(name)
  const words = section === undefined ? key : `${section}_${key}`
  const id = section === undefined ? name : `${section}.${name}`
  return { id, section, key, variable: `RULEWRIGHT_${words.toUpperCase()}`, setting }
}

/** Problems carry their line and column. */
export function fromFile(document: TomlDocument): Found {
  const found = collect()
  for (const [name, value] of Object.entries(document.root)) {
    if (Object.hasOwn(SECTIONS, name)) fromSection(found, document, name, value)
    else fromKey(found, document, undefined, name, value)
  }
  return found
}

function fromSection(found: Collected, document: TomlDocument, section: string, value: unknown) {
  if (!isTable(value)) {
    const message = `[${section}] is a section, not a value`
    return found.problem('config/wrong-value', message, document.placeOf([section])?.key)
  }
  for (const [key, item] of Object.entries(value)) fromKey(found, document, section, key, item)
}

function fromKey(
  found: Collected,
  document: TomlDocument,
  section: string | undefined,
  key: string,
  value: unknown,
): void {
  const place = document.placeOf(section === undefined ? [key] : [section, key])
  const candidates = ALL.filter((one) => one.section === section)
  const one = candidates.find((candidate) => writtenKey(candidate) === key)
  if (one) return found.value(one, value, where(one), place?.value)
  const secret = candidates.find((candidate) => candidate.setting.isSecret && candidate.key === key)
  if (secret) {
    const message = `a secret does not belong in this file: keep it in a file of its own, mode 0600, and set ${writtenKey(secret)} to its path`
    return found.problem('config/secret-in-file', message, place?.key)
  }
  found.problem('config/unknown-key', unknownKey(section, key, candidates), place?.key)
}

function unknownKey(section: string | undefined, key: string, known: readonly Named[]): string {
  const name = section === undefined ? `no setting ${key}` : `no setting ${key} in [${section}]`
  const names = known.map(writtenKey)
  if (section === undefined) names.push(...Object.keys(SECTIONS))
  const near = nearest(key, names)
  if (near !== undefined) {
    const isSection = section === undefined && Object.hasOwn(SECTIONS, near)
    return `${name}; did you mean ${isSection ? `[${near}]` : near}?`
  }
  const elsewhere = ALL.find((one) => one.section !== section && writtenKey(one) === key)
  if (elsewhere) return `${name}; it belongs in ${placeName(elsewhere)}`
  if (section === undefined) return `${name}; sections are ${Object.keys(SECTIONS).join(', ')}`
  if (names.length === 0) return `${name}: that section has no settings in this version`
  return `${name}; it has ${names.join(', ')}`
}

/** Every RULEWRIGHT_ name that is no setting, and who reads it. */
const OTHER_VARIABLES = [
  'RULEWRIGHT_NATIVE_DIR', // the native-addon loader of the executable
  'RULEWRIGHT_TOKEN', // client commands against a server
  'RULEWRIGHT_TOKEN_FILE',
]

export function fromEnvironment(env: Readonly<Record<string, string | undefined>>): Found {
  const found = collect()
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith('RULEWRIGHT_') || text === undefined) continue
    if (OTHER_VARIABLES.includes(variable)) continue
    const one = ALL.find((candidate) => candidate.variable === variable)
    if (one) {
      if (one.setting.isSecret) found.secret(one, text, false)
      else found.value(one, fromText(one, text), variable)
      continue
    }
    const file = ALL.find((candidate) => `${candidate.variable}_FILE` === variable)
    if (file?.setting.isSecret) found.secret(file, text, true)
    else found.problem('config/unknown-variable', unknownVariable(variable))
  }
  for (const one of ALL.filter((candidate) => candidate.setting.isSecret)) {
    if (env[one.variable] !== undefined && env[`${one.variable}_FILE`] !== undefined) {
      const message = `${one.variable} and ${one.variable}_FILE are both set; keep one`
      found.problem('config/given-twice', message)
    }
  }
  return found
}

function unknownVariable(variable: string): string {
  const names = ALL.flatMap((one) =>
    one.setting.isSecret ? [one.variable, `${one.variable}_FILE`] : [one.variable],
  )
  const near = nearest(variable, [...names, ...OTHER_VARIABLES])
  const hint = near === undefined ? 'config.example.toml lists them all' : `did you mean ${near}?`
  return `${variable} is no setting; ${hint}`
}

/** `flags` by setting id, as `server.listen`; the flag's name is the setting's last word. */
export function fromFlags(flags: Readonly<Record<string, string | undefined>>): Found {
  const found = collect()
  for (const [id, text] of Object.entries(flags)) {
    const one = ALL.find((candidate) => candidate.id === id)
    if (one && text !== undefined) found.value(one, fromText(one, text), `--${one.key}`)
  }
  return found
}

/** The key as the settings file writes it. */
export function writtenKey(one: Named): string {
  return one.setting.isSecret ? `${one.key}_file` : one.key
}

function placeName(one: Named): string {
  return one.section === undefined ? 'the top of the file' : `[${one.section}]`
}

function where(one: Named): string {
  return one.section === undefined ? writtenKey(one) : `[${one.section}] ${writtenKey(one)}`
}

function fromText({ setting }: Named, text: string): unknown {
  if (setting.form === 'switch') return text === 'true' ? true : text === 'false' ? false : text
  if (setting.form === 'count') return /^-?\d{1,15}$/.test(text) ? Number(text) : text
  if (setting.form === 'list') {
    const items = text.split(',').map((item) => item.trim())
    return items.filter((item) => item !== '')
  }
  return text
}

type Collected = ReturnType<typeof collect>

function collect() {
  const given: Given[] = []
  const problems: Problem[] = []
  const problem = (code: string, message: string, span?: Span): void => {
    problems.push({ code, severity: 'error', message, ...span })
  }
  const secret = (one: Named, value: string, isFile: boolean): void => {
    given.push({ named: one, value, isFile })
  }
  return {
    given,
    problems,
    problem,
    secret,
    value(one: Named, value: unknown, name: string, span?: Span): void {
      const { schema, expected, isSecret } = one.setting
      const result = schema.safeParse(value)
      if (!result.success) {
        problem('config/wrong-value', `${name} is ${show(value)}, expected ${expected}`, span)
      } else if (isSecret) secret(one, String(value), true)
      else given.push({ named: one, value: result.data, isFile: false })
    },
  }
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
  )
}

const SHOWN_CHARS_MAX = 60

function show(value: unknown): string {
  const text = isTable(value) ? 'a table' : JSON.stringify(value)
  return text.length <= SHOWN_CHARS_MAX ? text : `${text.slice(0, SHOWN_CHARS_MAX)}…`
}
