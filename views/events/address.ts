// Addresses of the sandbox's page: what is looked for, and where a page of events begins.

export interface EventSearch {
  readonly text: string
  /** The one field that is looked in; empty for all. */
  readonly field: string
}

export function eventsUrl(path: string, { text, field }: EventSearch, cursor?: string): string {
  const given = { q: text, field, cursor: cursor ?? '' }
  const asked = Object.entries(given).filter(([, value]) => value !== '')
  if (asked.length === 0) return path
  return `${path}?${new URLSearchParams(asked).toString()}`
}
