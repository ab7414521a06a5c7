// The settings in force as a person reads them: name, value, where it came from. Of a secret it says
// where it is and never what it is.

import { formatDuration } from '#kernel/time.ts'
import type { Configuration, Origin } from './load.ts'
import { ALL, writtenKey, type Named } from './sources.ts'

export interface ShownSetting {
  /** Section of the file; empty for a setting above all sections. */
  readonly section: string
  /** As the file spells it: `allow_http`. */
  readonly key: string
  readonly value: string
  readonly origin: Origin
  readonly about: string
}

/** In the order of the file. */
export function describeSettings(configuration: Configuration): readonly ShownSetting[] {
  return ALL.map((named) => ({
    section: named.section ?? '',
    key: writtenKey(named),
    value: named.setting.isSecret ? placeOf(configuration, named) : valueOf(configuration, named),
    origin: configuration.origins.get(named.id) ?? 'default',
    about: named.setting.about,
  }))
}

type Shown = string | number | boolean | readonly string[] | undefined

function valueOf({ settings, dataDir }: Configuration, { id, section }: Named): string {
  if (section === undefined) return dataDir
  const name = id.slice(section.length + 1)
  const values: Readonly<Record<string, Shown>> = settings[section as keyof typeof settings]
  const value = values[name]
  if (typeof value === 'number' && name.endsWith('Ms')) return formatDuration(value)
  if (typeof value === 'object') return value.length === 0 ? 'none' : value.join(', ')
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  return value === undefined ? 'not set' : String(value)
}

function placeOf({ secretSource }: Configuration, { id }: Named): string {
  const source = secretSource(id)
  if (source === undefined) {
    return id === 'masterSecret' ? 'in the data directory' : 'not set'
  }
  return source.kind === 'file' ? `in the file ${source.path}` : `in ${source.name}`
}
