// Splunk's savedsearches.conf: a stanza for each search. A value goes on in the next line after a
// backslash; settings of [default] hold for every stanza that does not say otherwise.

import {
  attackTags,
  foreignError,
  leftOut,
  ruleFileOf,
  textOf,
  textsOf,
  type ForeignFile,
  type ForeignParts,
  type ForeignRule,
  type ForeignThrottle,
} from './foreign.ts'
import { formatDuration } from '#kernel/time.ts'
import { splunkBackMs } from './write/splunk.ts'

type Settings = ReadonlyMap<string, string>

interface Stanza {
  readonly name: string
  readonly settings: ReadonlyMap<string, string>
}

/** Splunk's scale of one to six, as its alerts show it. */
const LEVELS: Readonly<Record<string, string>> = {
  '1': 'informational',
  '2': 'informational',
  '3': 'low',
  '4': 'medium',
  '5': 'high',
  '6': 'critical',
}
const LEVEL_NAMES = ['informational', 'low', 'medium', 'high', 'critical']

export function readSavedSearches(text: string): ForeignFile {
  const { stanzas, problems } = readStanzas(text)
  const defaults = stanzas.find(({ name }) => name === 'default')?.settings ?? new Map()
  const rules: ForeignRule[] = []
  const notes = [...problems]
  for (const { name, settings } of stanzas) {
    if (name === 'default') continue
    const own = new Map([...defaults, ...settings])
    if (textOf(own.get('search')) === undefined) {
      notes.push(leftOut(`[${name}] has no search: it only changes a rule that stands elsewhere.`))
    } else rules.push(ruleOf(name, own))
  }
  return { rules, problems: notes }
}

function readStanzas(text: string) {
  const stanzas: { name: string; settings: Map<string, string> }[] = []
  const problems: ForeignFile['problems'][number][] = []
  const lines = text.split(/\r?\n/)
  for (let at = 0; at < lines.length; at++) {
    const first = lines[at]!
    const number = at + 1
    if (/^\s*(?:[#;]|$)/.test(first)) continue
    const header = /^\s*\[(.*)\]\s*$/.exec(first)
    if (header) {
      stanzas.push({ name: header[1]!, settings: new Map() })
      continue
    }
    const equals = first.indexOf('=')
    const stanza = stanzas.at(-1)
    if (equals < 1) {
      problems.push(foreignError('A setting is written as key = value.', number))
      continue
    }
    const parts = [first.slice(equals + 1)]
    while (parts.at(-1)!.endsWith('\\') && at + 1 < lines.length) {
      parts.push(parts.pop()!.slice(0, -1))
      parts.push(lines[++at]!)
    }
    const value = parts.map((part, index) => (index === 0 ? part.trimStart() : part)).join('\n')
    // Settings before the first stanza are those of [default].
    const into = stanza ?? { name: 'default', settings: new Map<string, string>() }
    if (stanza === undefined) stanzas.push(into)
    into.settings.set(first.slice(0, equals).trim(), value.trim())
  }
  return { stanzas: stanzas as readonly Stanza[], problems }
}

function ruleOf(name: string, own: Settings): ForeignRule {
  return { place: `[${name}]`, text: ruleFileOf(partsOfSearch(name, own)), problems: [] }
}

/** Of a search under the names of savedsearches.conf or of REST. */
export function partsOfSearch(name: string, own: Settings): ForeignParts {
  const settings = Object.fromEntries([...own].filter(([key]) => !OWN_PLACES.has(key)))
  return {
    title: textOf(own.get('action.correlationsearch.label')) ?? name,
    description: textOf(own.get('description')),
    level: levelOfSearch(own),
    tags: attackTags([], techniquesOf(own)),
    schedule: scheduleOf(own),
    throttle: throttleOf(own),
    kind: 'splunk',
    type: own.get('action.correlationsearch.enabled') === '1' ? 'correlation' : 'query',
    query: own.get('search')!,
    // The name is how Splunk knows the search; the label is what people see.
    settings: { name, ...settings },
  }
}

function scheduleOf(own: Settings): Readonly<Record<string, string>> | undefined {
  const cron = textOf(own.get('cron_schedule'))
  if (cron === undefined) return undefined
  const backMs = splunkBackMs(own.get('dispatch.earliest_time'))
  const isToNow = /^(?:now|@m|)$/.test(own.get('dispatch.latest_time') ?? '')
  return backMs !== undefined && isToNow ? { cron, window: formatDuration(backMs) } : { cron }
}

function throttleOf(own: Settings): ForeignThrottle | undefined {
  const periodMs = splunkBackMs(`-${own.get('alert.suppress.period') ?? ''}`)
  const isOn = /^(?:1|true)$/i.test(own.get('alert.suppress') ?? '')
  if (!isOn || periodMs === undefined) return undefined
  const fields = (own.get('alert.suppress.fields') ?? '').split(/[\s,]+/).filter(Boolean)
  const period = formatDuration(periodMs)
  return fields.length === 0 ? { mode: 'all', period } : { mode: 'per_value', fields, period }
}

const OWN_PLACES = new Set(['search', 'description'])

export function levelOfSearch(own: Settings): string | undefined {
  const named = own.get('action.notable.param.severity')?.toLowerCase()
  if (named !== undefined && LEVEL_NAMES.includes(named)) return named
  return LEVELS[own.get('alert.severity') ?? '']
}

function techniquesOf(own: Settings): readonly string[] {
  const annotations = own.get('action.correlationsearch.annotations')
  if (annotations === undefined) return []
  try {
    return textsOf((JSON.parse(annotations) as Record<string, unknown> | null)?.['mitre_attack'])
  } catch {
    return [] // kept verbatim among the settings
  }
}
