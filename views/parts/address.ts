// The address of a list: what narrows it stands there, so that a link shows what one saw.

/** What is empty is left out; no `?` where nothing is left. */
export function withQuery(path: string, parts: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(Object.entries(parts).filter(([, value]) => value !== ''))
  return query.size === 0 ? path : `${path}?${query.toString()}`
}
