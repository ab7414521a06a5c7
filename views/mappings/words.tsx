// How mappings speak of log sources.

import type { LogSourceKeys } from '#domain/mappings/input.ts'
import type { SiemKind } from '#domain/targets/port.ts'
import { Foreign } from '#views/parts/text.tsx'

/** `windows / process_creation`. */
export const LogSourceName = ({ of: { product, category, service } }: { of: LogSourceKeys }) => {
  const parts = [product, category, service].filter((one) => one !== undefined)
  if (parts.length === 0) return <span class="muted">every log source</span>
  return <Foreign class="break" text={parts.join(' / ')} />
}

/** What each kind calls the place of events. */
export const PLACE_WORDS: Readonly<Record<SiemKind, string>> = {
  local: 'Index',
  splunk: 'Index',
  sentinel: 'Table',
  defender: 'Table',
  elastic: 'Index',
  opensearch: 'Index',
}

export function keysQuery({ product, category, service }: LogSourceKeys, field?: string): string {
  const keys = Object.entries({ product, category, service, field })
  const given = keys.filter((pair): pair is [string, string] => pair[1] !== undefined)
  return new URLSearchParams(given).toString()
}
